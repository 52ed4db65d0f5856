package io.posthaste.engine.jetstream;

import io.posthaste.core.Topic;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Lists topics and tells their states. A server tells the subjects of a stream only all at once and
 * in no order of ours, so a page costs a look at all subjects below the prefix's last whole
 * segment; then some questions a topic of the page.
 */
final class Listing {
  /** Of topics with more messages their bytes are not counted in a list. */
  private static final int COUNTED_IN_LISTS = 16;

  /** Of topics with more messages their bytes are not counted. */
  private static final int COUNTED = 10_000;

  private static final int COUNTED_AT_ONCE = 64;
  private static final int COUNTED_BYTES = 4 << 20;

  private static final Comparator<Named> BY_BYTES =
      (a, b) -> Arrays.compareUnsigned(a.bytes, b.bytes);

  private final Wire wire;
  private final Led led;
  private final List<Partition> partitions;

  Listing(Wire wire, Led led, List<Partition> partitions) {
    this.wire = wire;
    this.led = led;
    this.partitions = partitions;
  }

  /** A topic that was found. */
  private record Named(Partition partition, Topic topic, byte[] bytes, long count) {}

  CompletableFuture<TopicPage> topics(String prefix, String after, int limit) {
    return SideBySide.ask(partitions, partition -> named(partition, prefix, after))
        .thenCompose(
            found -> {
              List<Named> all = new ArrayList<>();
              found.forEach(all::addAll);
              all.sort(BY_BYTES);
              List<Named> page = all.subList(0, Math.min(limit, all.size()));
              boolean more = all.size() > limit;
              return SideBySide.ask(
                      page, one -> led.read(one.partition, () -> state(one, COUNTED_IN_LISTS)))
                  .thenApply(
                      states ->
                          new TopicPage(states.stream().flatMap(Optional::stream).toList(), more));
            });
  }

  private CompletableFuture<List<Named>> named(Partition partition, String prefix, String after) {
    byte[] beyond = after.getBytes(StandardCharsets.UTF_8);
    return wire.counts(partition.stream, Subjects.ofPrefix(partition.subjects, prefix))
        .thenApply(
            counts -> {
              List<Named> found = new ArrayList<>();
              for (Map.Entry<String, Long> entry : counts.entrySet()) {
                Topic topic = Subjects.topic(partition.subjects, entry.getKey());
                byte[] bytes = topic.name().getBytes(StandardCharsets.UTF_8);
                if (topic.name().startsWith(prefix)
                    && (!topic.isReserved() || prefix.startsWith("$"))
                    && Arrays.compareUnsigned(bytes, beyond) > 0) {
                  found.add(new Named(partition, topic, bytes, entry.getValue()));
                }
              }
              return found;
            });
  }

  /** What is held of a topic; empty if nothing is. */
  CompletableFuture<Optional<TopicState>> state(Partition partition, Topic topic) {
    return led.read(partition, () -> told(partition, topic));
  }

  private CompletableFuture<Optional<TopicState>> told(Partition partition, Topic topic) {
    String subject = Subjects.of(partition.subjects, topic);
    return wire.counts(partition.stream, subject)
        .thenCompose(
            counts -> {
              long count = counts.getOrDefault(subject, 0L);
              return count == 0
                  ? CompletableFuture.completedFuture(Optional.empty())
                  : state(new Named(partition, topic, new byte[0], count), COUNTED);
            });
  }

  private CompletableFuture<Optional<TopicState>> state(Named named, int counted) {
    String subject = Subjects.of(named.partition.subjects, named.topic);
    return wire.last(named.partition.stream, subject)
        .thenCompose(
            last -> {
              if (last.isEmpty()) { // it went since
                return CompletableFuture.completedFuture(Optional.<TopicState>empty());
              }
              if (named.count > counted) {
                return wire.next(named.partition.stream, 1, subject)
                    .thenApply(
                        oldest ->
                            Optional.of(
                                state(
                                    named,
                                    oldest.orElse(last.get()).sequence(),
                                    last.get(),
                                    named.count,
                                    TopicState.UNKNOWN)));
              }
              return new Count(named, subject, last.get()).run();
            });
  }

  private static TopicState state(Named named, long oldest, Entry last, long count, long bytes) {
    return new TopicState(
        named.topic,
        named.partition.number,
        oldest,
        last.sequence(),
        count,
        bytes,
        Codec.isDeleted(last.headers()));
  }

  /** Counts the messages of a topic, as they are read. */
  private final class Count {
    private final Named named;
    private final Entry last;
    private final Walk walk;
    private long oldest;
    private long count;
    private long bytes;

    Count(Named named, String subject, Entry last) {
      this.named = named;
      this.last = last;
      this.oldest = last.sequence();
      this.walk = new Walk(wire, named.partition, subject, 1, last.sequence() + 1);
    }

    CompletableFuture<Optional<TopicState>> run() {
      for (var next = walk.peek(); next != null; next = walk.peek()) {
        walk.remove();
        oldest = Math.min(oldest, next.sequence());
        count++;
        bytes += next.payload().length();
      }
      return walk.isOver()
          ? CompletableFuture.completedFuture(
              Optional.of(state(named, oldest, last, Math.max(count, 1), bytes)))
          : walk.fill(COUNTED_AT_ONCE, COUNTED_BYTES).thenCompose(filled -> run());
    }
  }
}
