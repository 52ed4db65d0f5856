package io.posthaste.core;

import java.util.Arrays;

/**
 * A reader's place: for each partition that it reads, the sequence up to which it has seen all of
 * its topics. Immutable. Its text is opaque to clients; where one partition is read it is the text
 * of the last message's {@link Id}.
 */
public final class Cursor {
  private final String epoch;
  private final int[] partitions; // rising
  private final long[] sequences; // beside partitions

  Cursor(String epoch, int[] partitions, long[] sequences) {
    PlaceText.checkEpoch(epoch);
    if (partitions.length == 0 || partitions.length != sequences.length) {
      throw new MalformedException(
          "cursor: " + partitions.length + " partitions (expected: 1 or more)");
    }
    for (int i = 0; i < partitions.length; i++) {
      if (partitions[i] < 0 || sequences[i] < 0 || i > 0 && partitions[i] <= partitions[i - 1]) {
        throw new MalformedException(
            "cursor: partitions " + Arrays.toString(partitions) + " (expected: rising)");
      }
    }
    this.epoch = epoch;
    this.partitions = partitions;
    this.sequences = sequences;
  }

  /** A place in one partition. */
  public static Cursor of(String epoch, int partition, long sequence) {
    return new Cursor(epoch, new int[] {partition}, new long[] {sequence});
  }

  /**
   * Reads a cursor.
   *
   * @throws MalformedException if the text is none
   */
  public static Cursor parse(String text) {
    return PlaceText.parse("cursor", text);
  }

  /** The identity of the log that this is a place in. */
  public String epoch() {
    return epoch;
  }

  /** Of how many partitions it tells the place. */
  public int size() {
    return partitions.length;
  }

  /** The partition at this index; they rise. */
  public int partition(int index) {
    return partitions[index];
  }

  /** The sequence in the partition at this index. */
  public long sequence(int index) {
    return sequences[index];
  }

  /** The sequence in that partition, or {@code otherwise} if the cursor does not speak of it. */
  public long sequenceIn(int partition, long otherwise) {
    int index = Arrays.binarySearch(partitions, partition);
    return index < 0 ? otherwise : sequences[index];
  }

  /** The same place but for one partition, which is added if it is new. */
  public Cursor with(int partition, long sequence) {
    int index = Arrays.binarySearch(partitions, partition);
    if (index >= 0) {
      long[] changed = sequences.clone();
      changed[index] = sequence;
      return new Cursor(epoch, partitions, changed);
    }
    int at = -index - 1;
    int[] p = new int[partitions.length + 1];
    long[] s = new long[p.length];
    System.arraycopy(partitions, 0, p, 0, at);
    System.arraycopy(sequences, 0, s, 0, at);
    p[at] = partition;
    s[at] = sequence;
    System.arraycopy(partitions, at, p, at + 1, partitions.length - at);
    System.arraycopy(sequences, at, s, at + 1, partitions.length - at);
    return new Cursor(epoch, p, s);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cursor that
        && epoch.equals(that.epoch)
        && Arrays.equals(partitions, that.partitions)
        && Arrays.equals(sequences, that.sequences);
  }

  @Override
  public int hashCode() {
    return 31 * epoch.hashCode() + 31 * Arrays.hashCode(partitions) + Arrays.hashCode(sequences);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(32).append(epoch).append('-');
    for (int i = 0; i < partitions.length; i++) {
      PlaceText.append(i == 0 ? text : text.append('_'), partitions[i], sequences[i]);
    }
    return text.toString();
  }
}
