package io.posthaste.door.web;

import io.posthaste.core.Wheel;
import io.posthaste.server.RecentlyEncoded;
import io.posthaste.server.Response;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Answers that a shard gave within the last second: all who were held for the same share one. To be
 * used by its shard's thread only.
 *
 * @param <K> what an answer tells
 */
final class AnswerCache<K> {
  private static final int SLOT_BITS = 7;
  private static final int SLOTS = 1 << SLOT_BITS;

  private record Answer<K>(K told, Response response) {
    int size() {
      return response.body().readableBytes();
    }

    void release() {
      response.release();
    }
  }

  private final ToIntFunction<K> hash;
  private final BiPredicate<K, K> same;
  private final Function<K, Response> encoder;
  private final RecentlyEncoded<Answer<K>> answers;

  AnswerCache(
      Wheel wheel, ToIntFunction<K> hash, BiPredicate<K, K> same, Function<K, Response> encoder) {
    this.hash = hash;
    this.same = same;
    this.encoder = encoder;
    this.answers = new RecentlyEncoded<>(wheel, SLOTS, Answer::size, Answer::release);
  }

  /** The answer that tells this; borrowed until the next call. */
  Response answer(K what) {
    int slot = hash.applyAsInt(what) * 0x9e3779b9 >>> 32 - SLOT_BITS;
    Answer<K> known = answers.at(slot);
    if (known != null && (what == known.told || same.test(what, known.told))) {
      return known.response;
    }
    return answers.put(slot, new Answer<>(what, encoder.apply(what))).response;
  }

  /** Lets go of everything. */
  void clear() {
    answers.clear();
  }
}
