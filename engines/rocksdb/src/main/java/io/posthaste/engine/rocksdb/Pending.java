package io.posthaste.engine.rocksdb;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Policies;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A batch on its way to the writer. All that does not need the writer's knowledge is done by the
 * thread that publishes: so the writer, of which there is one, encodes and hashes nothing.
 */
final class Pending {
  /** Memory that an append takes beyond its payload and encoded message, roughly. */
  private static final int OVERHEAD_BYTES = 256;

  /**
   * One append, ready to be written.
   *
   * @param append what was asked for
   * @param tooLarge what its policy allows if it is larger, else 0
   * @param topic its topic's bytes
   * @param value the message, to be completed by the writer
   * @param keyHash stands for its idempotency key; null for none
   * @param bodyDigest of an append with a key
   */
  record Item(
      Append append,
      int tooLarge,
      byte[] topic,
      byte[] value,
      byte @Nullable [] keyHash,
      long bodyDigest) {}

  final List<Item> items;
  final long weight;
  final @Nullable Trim trim;
  final CompletableFuture<List<Appended>> answer = new CompletableFuture<>();

  /** The outcomes so far; the writer's. */
  final List<Appended> outcomes;

  private Pending(List<Item> items, long weight, @Nullable Trim trim) {
    this.items = items;
    this.weight = weight;
    this.trim = trim;
    this.outcomes = new ArrayList<>(items.size());
  }

  static Pending of(List<Append> batch, Policies policies) {
    List<Item> items = new ArrayList<>(batch.size());
    long weight = 0;
    for (Append append : batch) {
      int allowed = policies.of(append.topic()).maxMessageBytes();
      if (append.payload().length() > allowed) {
        items.add(new Item(append, allowed, new byte[0], new byte[0], null, 0));
        continue;
      }
      byte[] topic = Layout.utf8(append.topic().name());
      String key = append.key();
      byte[] value = Layout.message(append, topic);
      items.add(
          new Item(
              append,
              0,
              topic,
              value,
              key == null ? null : Layout.keyHash(topic, key),
              key == null ? 0 : append.bodyDigest()));
      weight += OVERHEAD_BYTES + 2L * value.length;
    }
    return new Pending(items, weight, null);
  }

  static Pending of(Trim trim) {
    return new Pending(List.of(), 0, trim);
  }
}
