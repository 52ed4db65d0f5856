package io.posthaste.bench;

import org.jspecify.annotations.Nullable;

/**
 * Finds {@linkplain Stamp stamps} in a stream of bytes that arrives in any pieces. One a
 * connection, used by its event loop only.
 */
final class StampScanner {

  /** Hears of stamps. */
  interface Listener {
    /** A whole stamp was read; {@code due} is in nanoseconds since the run began. */
    void stamp(int run, int topic, int seq, long due);

    /** The mark was there but no stamp after it. */
    void unreadable();
  }

  private final Listener listener;
  private final boolean[] bad = new boolean[1];
  private byte @Nullable [] partial;
  private int matched;

  StampScanner(Listener listener) {
    this.listener = listener;
  }

  /** Takes the next bytes, which stay the caller's. */
  void feed(byte[] bytes, int from, int length) {
    int end = from + length;
    int i = from;
    while (i < end) {
      if (matched > 0) {
        i = resume(bytes, i, end);
      } else if (bytes[i] != Stamp.MARK[0]) {
        i++;
      } else if (end - i >= Stamp.BYTES) {
        i = whole(bytes, i);
      } else {
        i = resume(bytes, i, end);
      }
    }
  }

  private int whole(byte[] bytes, int at) {
    for (int k = 1; k < Stamp.MARK.length; k++) {
      if (bytes[at + k] != Stamp.MARK[k]) {
        return at + 1;
      }
    }
    emit(bytes, at);
    return at + Stamp.BYTES;
  }

  private int resume(byte[] bytes, int at, int end) {
    byte[] held = partial;
    if (held == null) {
      held = new byte[Stamp.BYTES];
      partial = held;
    }
    int i = at;
    while (i < end && matched < Stamp.MARK.length) {
      if (bytes[i] != Stamp.MARK[matched]) {
        boolean wasFirst = matched == 0;
        matched = 0;
        return wasFirst ? i + 1 : i;
      }
      held[matched++] = bytes[i++];
    }
    int take = Math.min(end - i, Stamp.BYTES - matched);
    System.arraycopy(bytes, i, held, matched, take);
    matched += take;
    if (matched == Stamp.BYTES) {
      matched = 0;
      emit(held, 0);
    }
    return i + take;
  }

  private void emit(byte[] bytes, int at) {
    bad[0] = false;
    int run = (int) Stamp.parse(bytes, at + 4, 8, bad);
    int topic = (int) Stamp.parse(bytes, at + 12, 8, bad);
    int seq = (int) Stamp.parse(bytes, at + 20, 8, bad);
    long due = Stamp.parse(bytes, at + 28, 16, bad);
    if (bad[0]) {
      listener.unreadable();
    } else {
      listener.stamp(run, topic, seq, due);
    }
  }
}
