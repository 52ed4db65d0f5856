package io.posthaste.engine.jetstream;

import io.nats.client.Message;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.nats.client.support.JsonValueUtils;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Who may try to follow a message on a condition: one at a time.
 *
 * <p>A stream with replicas looks at the sequence that an append expects when the append is
 * proposed, and not again when it is stored; of two proposals at once it stores both. Only that
 * there is <em>no</em> message of a subject is looked at as it is stored. So whoever wants to
 * follow a message first stores a claim under a subject of its own, which must have none, in a
 * small stream in memory that forgets after some seconds. Thread-safe.
 */
final class Claims {
  /** Longer than an append waits for its answer. */
  private static final Duration KEPT = Duration.ofSeconds(10);

  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);
  private static final int WRONG_LAST_SEQUENCE = 10071;

  private static final int BEHIND_ANOTHER = 10164; // since 2.11: another is not decided yet

  private final Wire wire;
  private final String prefix;
  private final boolean needed;

  /**
   * @param replicas of the streams; with one there is no need for claims
   */
  Claims(Wire wire, String prefix, int replicas) {
    this.wire = wire;
    this.prefix = prefix;
    this.needed = replicas > 1;
  }

  private static String subjects(String prefix) {
    return prefix + ".claims.";
  }

  /** The stream of claims. */
  static StreamConfiguration stream(String prefix, String description, int replicas) {
    return StreamConfiguration.builder()
        .name(streamOf(prefix))
        .description(description)
        .subjects(subjects(prefix) + ">")
        .storageType(StorageType.Memory)
        .maxAge(KEPT)
        .duplicateWindow(KEPT)
        .maxMessagesPerSubject(1)
        .replicas(replicas)
        .build();
  }

  /**
   * Claims to follow a message.
   *
   * @param key who claims twice with the same key, claims once; null for somebody else each time
   * @return whether it is claimed now; fails if nobody knows
   */
  CompletableFuture<Boolean> claim(Partition partition, long sequence, @Nullable String key) {
    if (!needed) {
      return CompletableFuture.completedFuture(true);
    }
    String claim = nameOf(partition, sequence);
    Headers headers = new Headers();
    headers.put("Nats-Expected-Last-Subject-Sequence", "0");
    headers.put("Nats-Msg-Id", claim + "." + (key == null ? UUID.randomUUID().toString() : key));
    return wire.request(subjects(prefix) + claim, headers, new byte[0], ANSWERED_WITHIN)
        .thenApply(Claims::isStored);
  }

  /**
   * Gives back a claim of somebody who follows that message by no means, so that others need not
   * wait until it is forgotten. Never fails; if it cannot be given back, they wait.
   */
  CompletableFuture<Void> release(Partition partition, long sequence) {
    return needed
        ? wire.purge(streamOf(prefix), subjects(prefix) + nameOf(partition, sequence))
            .exceptionally(failure -> null)
        : CompletableFuture.completedFuture(null);
  }

  private static String streamOf(String prefix) {
    return prefix + "_claims";
  }

  private static String nameOf(Partition partition, long sequence) {
    return partition.number + "." + sequence;
  }

  private static boolean isStored(Message answer) {
    try {
      // A duplicate of what is not stored yet, and may never be, has the sequence 0.
      return JsonValueUtils.readLong(Wire.json(answer.getData()), "seq", 0) > 0;
    } catch (Wire.ApiError e) {
      if (e.errorCode == WRONG_LAST_SEQUENCE || e.errorCode == BEHIND_ANOTHER) {
        return false;
      }
      throw e;
    }
  }
}
