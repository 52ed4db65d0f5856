package io.posthaste.engine.jetstream;

import io.posthaste.core.Message;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps topics within the bytes that their policies allow, of which NATS knows nothing: the node
 * that appends looks soon after what the topic has, and has the oldest removed. Thread-safe.
 */
final class Trimmer {
  private static final Logger LOGGER = LoggerFactory.getLogger(Trimmer.class);

  /** Of more topics nothing is noted until some are done: they are, at their next append. */
  private static final int NOTED = 10_000;

  private static final int AT_ONCE = 16;
  private static final int MESSAGES = 64;
  private static final int BYTES = 4 << 20;

  private final Wire wire;
  private final Map<String, Partition> grown = new ConcurrentHashMap<>(); // by subject

  Trimmer(Wire wire) {
    this.wire = wire;
  }

  /** Something was appended to a topic. */
  void grew(Partition partition, String subject) {
    if (partition.policy.bytes() != Long.MAX_VALUE && grown.size() < NOTED) {
      grown.put(subject, partition);
    }
  }

  /** Looks at some of those that grew. Done, at the latest when the patience of reads is over. */
  CompletableFuture<Void> trim() {
    List<CompletableFuture<Void>> trimmed = new ArrayList<>();
    Iterator<Map.Entry<String, Partition>> next = grown.entrySet().iterator();
    for (int i = 0; i < AT_ONCE && next.hasNext(); i++) {
      Map.Entry<String, Partition> entry = next.next();
      next.remove();
      String subject = entry.getKey();
      Partition partition = entry.getValue();
      trimmed.add(
          wire.last(partition.stream, subject)
              .thenCompose(
                  last ->
                      last.isEmpty()
                          ? CompletableFuture.completedFuture(null)
                          : new Sizes(partition, subject, last.get().sequence()).run())
              .exceptionally(
                  failure -> {
                    LOGGER.debug("could not be trimmed subject={}", subject, failure);
                    grew(partition, subject);
                    return null;
                  }));
    }
    return CompletableFuture.allOf(trimmed.toArray(CompletableFuture[]::new));
  }

  /** The sizes of a topic's messages, oldest first. */
  private final class Sizes {
    private final Partition partition;
    private final String subject;
    private final Walk walk;
    private final List<long[]> sizes = new ArrayList<>(); // sequence, bytes

    Sizes(Partition partition, String subject, long last) {
      this.partition = partition;
      this.subject = subject;
      this.walk = new Walk(wire, partition, subject, 1, last + 1);
    }

    CompletableFuture<Void> run() {
      for (Message next = walk.peek(); next != null; next = walk.peek()) {
        walk.remove();
        sizes.add(new long[] {next.sequence(), next.payload().length()});
      }
      return walk.isOver() ? remove() : walk.fill(MESSAGES, BYTES).thenCompose(filled -> run());
    }

    private CompletableFuture<Void> remove() {
      long bytes = 0;
      int kept = sizes.size();
      while (kept > 0
          && (kept == sizes.size() || bytes + sizes.get(kept - 1)[1] <= partition.policy.bytes())) {
        kept--;
        bytes += sizes.get(kept)[1];
      }
      return kept == 0
          ? CompletableFuture.completedFuture(null)
          : wire.purge(partition.stream, subject, sizes.get(kept)[0]);
    }
  }
}
