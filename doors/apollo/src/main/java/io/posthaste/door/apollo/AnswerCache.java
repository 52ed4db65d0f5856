package io.posthaste.door.apollo;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of answers, made once for all who ask the same of the same versions: after a change of a
 * config that thousands follow, all of them come at once. Those that were not asked for lately go
 * when all together are too many. Thread-safe.
 */
final class AnswerCache {
  /** What an entry is taken to weigh beside its texts and its body. */
  private static final int OVERHEAD = 512;

  /**
   * Which answer.
   *
   * @param form of which kind
   * @param appId who asks
   * @param namespace as he spells it
   * @param versions of which versions
   */
  record Key(String form, String appId, String namespace, List<String> versions) {
    private int chars() {
      return form.length()
          + appId.length()
          + namespace.length()
          + versions.stream().mapToInt(String::length).sum();
    }
  }

  /** What an answer weighs, with what it is found by. */
  private static long weight(Key key, byte[] body) {
    return OVERHEAD + 2L * key.chars() + body.length;
  }

  private final long maxBytes;
  private final Map<Key, CompletableFuture<byte[]>> entries = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  AnswerCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** An answer, made now unless it is at hand or under way. Not to be changed. */
  CompletionStage<byte[]> get(Key key, Supplier<CompletionStage<byte[]>> make) {
    CompletableFuture<byte[]> made = new CompletableFuture<>();
    synchronized (this) {
      CompletableFuture<byte[]> known = entries.putIfAbsent(key, made);
      if (known != null) {
        entries.get(key); // counts as a use
        return known;
      }
    }
    begin(make)
        .whenComplete(
            (body, failure) -> {
              settle(key, made, body);
              if (failure != null) {
                made.completeExceptionally(failure);
              } else {
                made.complete(body);
              }
            });
    return made;
  }

  private static CompletionStage<byte[]> begin(Supplier<CompletionStage<byte[]>> make) {
    try {
      return make.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e); // nobody must wait for it for ever
    }
  }

  private synchronized void settle(
      Key key, CompletableFuture<byte[]> made, byte @Nullable [] body) {
    if (body == null || body.length > maxBytes / 4) {
      entries.remove(key, made);
      return;
    }
    bytes += weight(key, body);
    Iterator<Map.Entry<Key, CompletableFuture<byte[]>>> oldest = entries.entrySet().iterator();
    while (bytes > maxBytes && oldest.hasNext()) {
      Map.Entry<Key, CompletableFuture<byte[]>> entry = oldest.next();
      CompletableFuture<byte[]> kept = entry.getValue();
      if (kept.isDone() && kept != made) {
        bytes -= weight(entry.getKey(), kept.join());
        oldest.remove();
      }
    }
  }

  /** How many answers are kept, or under way. */
  synchronized int size() {
    return entries.size();
  }

  /** How many bytes are kept, about. */
  synchronized long bytes() {
    return bytes;
  }
}
