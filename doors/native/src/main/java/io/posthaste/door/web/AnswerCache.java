package io.posthaste.door.web;

import io.posthaste.core.Wheel;
import io.posthaste.server.Response;
import java.util.Arrays;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Answers that a shard gave within the last second: all who were held for the same share one. To be
 * used by its shard's thread only.
 *
 * @param <K> what an answer tells
 */
final class AnswerCache<K> extends Wheel.Entry {
  private static final int SLOT_BITS = 7;
  private static final int SLOTS = 1 << SLOT_BITS;
  private static final int MOST_BYTES = 8 << 20;

  private final Wheel wheel;
  private final ToIntFunction<K> hash;
  private final BiPredicate<K, K> same;
  private final Function<K, Response> encoder;
  private final @Nullable Response[] answers = new @Nullable Response[SLOTS];
  private final @Nullable Object[] told = new @Nullable Object[SLOTS];
  private int bytes;

  AnswerCache(
      Wheel wheel, ToIntFunction<K> hash, BiPredicate<K, K> same, Function<K, Response> encoder) {
    this.wheel = wheel;
    this.hash = hash;
    this.same = same;
    this.encoder = encoder;
  }

  /** The answer that tells this; borrowed until the next call. */
  Response answer(K what) {
    int slot = hash.applyAsInt(what) * 0x9e3779b9 >>> 32 - SLOT_BITS;
    Response known = answers[slot];
    @SuppressWarnings("unchecked") // only this method puts anything there
    K of = (K) told[slot];
    if (known != null && of != null && (what == of || same.test(what, of))) {
      return known;
    }
    Response fresh = encoder.apply(what);
    int size = fresh.body().readableBytes();
    if (bytes + size > MOST_BYTES) {
      clear();
    }
    known = answers[slot];
    if (known != null) {
      bytes -= known.body().readableBytes();
      known.release();
    }
    answers[slot] = fresh;
    told[slot] = what;
    bytes += size;
    if (!isDeadlineSet()) {
      wheel.set(this, UnitCache.LINGER_MILLIS);
    }
    return fresh;
  }

  @Override
  protected void onDeadline() {
    clear();
  }

  /** Lets go of everything. */
  void clear() {
    for (Response answer : answers) {
      if (answer != null) {
        answer.release();
      }
    }
    Arrays.fill(answers, null);
    Arrays.fill(told, null);
    bytes = 0;
    wheel.cancel(this);
  }
}
