package io.posthaste.config;

import io.posthaste.core.MalformedException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * How long something took for many: counted in classes of time that are an eighth of their power of
 * two wide, so that the spreads of several nodes can be added. First and last are exact. Only the
 * classes between those take memory: for one a few bytes, for thousands some hundred. Guarded by
 * whoever owns it.
 */
final class Spread {
  /** Times beyond are counted as this one: seventeen minutes. */
  static final int LONGEST_MILLIS = (1 << 20) - 1;

  private static final int FINE = 8; // classes a power of two
  private static final int CLASSES = 18 * FINE;
  private static final int[] NONE = {};

  private int[] counts = NONE; // of the classes from that of the first on
  private int from;
  private int count;
  private int first = LONGEST_MILLIS;
  private int last;

  void add(long millis) {
    int bounded = (int) Math.max(0, Math.min(LONGEST_MILLIS, millis));
    add(classOf(bounded), 1);
    first = Math.min(first, bounded);
    last = Math.max(last, bounded);
  }

  private void add(int index, int more) {
    if (counts.length == 0) {
      from = index;
    }
    int low = Math.min(from, index);
    int high = Math.max(from + counts.length, index + 1);
    if (high - low > counts.length) {
      int[] wider = new int[high - low];
      System.arraycopy(counts, 0, wider, from - low, counts.length);
      counts = wider;
      from = low;
    }
    counts[index - from] += more;
    count += more;
  }

  void add(Spread other) {
    for (int i = 0; i < other.counts.length; i++) {
      if (other.counts[i] > 0) {
        add(other.from + i, other.counts[i]);
      }
    }
    first = Math.min(first, other.first);
    last = Math.max(last, other.last);
  }

  int count() {
    return count;
  }

  /** When the first of them was, in milliseconds; 0 if there is none. */
  int first() {
    return count == 0 ? 0 : first;
  }

  /** When the last of them was, in milliseconds; 0 if there is none. */
  int last() {
    return last;
  }

  /**
   * Within how many milliseconds so many per hundred of them were: at most an eighth too much.
   *
   * @param percent 1 to 100
   */
  int within(int percent) {
    long wanted = Math.max(1, ((long) count * percent + 99) / 100);
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return Math.max(first, Math.min(last, longestOf(from + i)));
      }
    }
    return last;
  }

  /** A copy, which no longer changes with this. */
  Spread copy() {
    Spread copy = new Spread();
    copy.add(this);
    return copy;
  }

  private static int classOf(int millis) {
    if (millis < FINE) {
      return millis;
    }
    int power = 31 - Integer.numberOfLeadingZeros(millis);
    return (power - 2) * FINE + ((millis >> (power - 3)) & (FINE - 1));
  }

  /** The longest time of a class. */
  private static int longestOf(int index) {
    if (index < FINE) {
      return index;
    }
    int shift = index / FINE - 1;
    return ((FINE + index % FINE + 1) << shift) - 1;
  }

  void write(DataOutputStream out) throws IOException {
    out.writeByte(from);
    out.writeByte(counts.length);
    for (int of : counts) {
      out.writeInt(of);
    }
    out.writeInt(first);
    out.writeInt(last);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws MalformedException if it is nothing of the kind
   */
  static Spread read(DataInputStream in) throws IOException {
    Spread spread = new Spread();
    int from = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    if (from + length > CLASSES) {
      throw new MalformedException("a spread of " + (from + length) + " classes");
    }
    for (int i = 0; i < length; i++) {
      spread.add(from + i, Math.max(0, in.readInt()));
    }
    spread.first = in.readInt();
    spread.last = in.readInt();
    return spread;
  }
}
