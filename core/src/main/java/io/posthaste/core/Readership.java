package io.posthaste.core;

import io.posthaste.core.Inspection.NodeReaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Counts who reads a topic: here when a node asks, and on all nodes by asking them. A question is
 * {@code SEQUENCE TOPIC}, the sequence being the topic's latest as the asker knows it; an answer is
 * {@code READERS BEHIND SLOWEST}.
 */
final class Readership implements AutoCloseable {
  private static final String KIND = "readers";
  private static final Duration WITHIN = Duration.ofSeconds(1);

  private final Nodes nodes;
  private final Tails tails;
  private final List<Shard> shards;
  private final Nodes.Registration answering;

  /** Who reads a topic, and which nodes did not say so. */
  record Found(List<NodeReaders> nodes, Map<String, String> silent) {}

  Readership(Nodes nodes, Tails tails, List<Shard> shards) {
    this.nodes = nodes;
    this.tails = tails;
    this.shards = shards;
    this.answering = nodes.answer(KIND, this::answer);
  }

  private CompletionStage<Payload> answer(Payload question) {
    String text = question.utf8();
    int space = text.indexOf(' ');
    Topic topic = new Topic(text.substring(space + 1));
    long latest = Long.parseLong(text.substring(0, Math.max(0, space)));
    List<Feed> feeds = tails.feedsOf(topic);
    int readers = feeds.stream().mapToInt(Feed::readers).sum();
    CompletableFuture<long[]> all =
        CompletableFuture.completedFuture(new long[] {0, Long.MAX_VALUE});
    for (Shard shard : shards) {
      CompletableFuture<long[]> here =
          CompletableFuture.supplyAsync(() -> shard.behind(feeds, latest), shard.loop());
      all = all.thenCombine(here, (a, b) -> new long[] {a[0] + b[0], Math.min(a[1], b[1])});
    }
    return all.thenApply(
        behind -> Payload.of(readers + " " + behind[0] + " " + (behind[0] == 0 ? 0 : behind[1])));
  }

  CompletionStage<Found> of(Topic topic, long latest) {
    return nodes.ask(KIND, Payload.of(latest + " " + topic.name()), WITHIN).thenApply(this::found);
  }

  private Found found(NodeAnswers answers) {
    List<NodeReaders> readers = new ArrayList<>();
    Map<String, String> silent = new TreeMap<>(answers.silent());
    for (NodeAnswers.Answer answer : answers.given()) {
      String[] numbers = answer.payload().utf8().split(" ");
      try {
        readers.add(
            new NodeReaders(
                answer.node(),
                Long.parseLong(numbers[0]),
                Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2])));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        silent.put(answer.node(), "its answer cannot be read");
      }
    }
    return new Found(readers, silent);
  }

  @Override
  public void close() {
    answering.close();
  }
}
