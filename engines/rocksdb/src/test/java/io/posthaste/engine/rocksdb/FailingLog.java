package io.posthaste.engine.rocksdb;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.CommitListener;
import io.posthaste.core.Interest;
import io.posthaste.core.Log;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Nodes;
import io.posthaste.core.Page;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.TopicState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A log whose peer is cut off at some append: half of it arrives, and nobody hears of that. */
final class FailingLog implements Log {
  private final Log log;
  private int left;

  FailingLog(Log log, int failAt) {
    this.log = log;
    this.left = failAt;
  }

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    if (--left > 0) {
      return log.append(batch);
    }
    return log.append(batch.subList(0, batch.size() / 2))
        .thenCompose(half -> CompletableFuture.failedStage(new LogException("cut off")));
  }

  @Override
  public String epoch() {
    return log.epoch();
  }

  @Override
  public List<Integer> partitions() {
    return log.partitions();
  }

  @Override
  public int partitionOf(Topic topic) {
    return log.partitionOf(topic);
  }

  @Override
  public List<Integer> partitionsOf(TopicPattern topics) {
    return log.partitionsOf(topics);
  }

  @Override
  public Policies policies() {
    return log.policies();
  }

  @Override
  public CompletionStage<Long> head(int partition) {
    return log.head(partition);
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    return log.read(request);
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    return log.readBackward(request);
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return log.latest(topic);
  }

  @Override
  public CompletionStage<Optional<TopicState>> state(Topic topic) {
    return log.state(topic);
  }

  @Override
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    return log.topics(prefix, after, limit);
  }

  @Override
  public CompletionStage<Long> placeAt(int partition, Instant time) {
    return log.placeAt(partition, time);
  }

  @Override
  public Nodes nodes() {
    return log.nodes();
  }

  @Override
  public Interest follow(CommitListener listener) {
    return log.follow(listener);
  }

  @Override
  public void close() {
    log.close();
  }
}
