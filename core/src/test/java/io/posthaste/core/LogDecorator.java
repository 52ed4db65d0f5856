package io.posthaste.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A log that passes everything on to another, for logs that differ from it in one respect. */
abstract class LogDecorator implements Log {
  final Log inner;

  LogDecorator(Log inner) {
    this.inner = inner;
  }

  @Override
  public String epoch() {
    return inner.epoch();
  }

  @Override
  public List<Integer> partitions() {
    return inner.partitions();
  }

  @Override
  public int partitionOf(Topic topic) {
    return inner.partitionOf(topic);
  }

  @Override
  public List<Integer> partitionsOf(TopicPattern topics) {
    return inner.partitionsOf(topics);
  }

  @Override
  public Policies policies() {
    return inner.policies();
  }

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    return inner.append(batch);
  }

  @Override
  public CompletionStage<Long> head(int partition) {
    return inner.head(partition);
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    return inner.read(request);
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    return inner.readBackward(request);
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return inner.latest(topic);
  }

  @Override
  public CompletionStage<Optional<TopicState>> state(Topic topic) {
    return inner.state(topic);
  }

  @Override
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    return inner.topics(prefix, after, limit);
  }

  @Override
  public CompletionStage<Long> placeAt(int partition, Instant time) {
    return inner.placeAt(partition, time);
  }

  @Override
  public Nodes nodes() {
    return inner.nodes();
  }

  @Override
  public Interest follow(CommitListener listener) {
    return inner.follow(listener);
  }

  @Override
  public void close() {
    inner.close();
  }
}
