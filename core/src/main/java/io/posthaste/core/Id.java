package io.posthaste.core;

/**
 * A message's place in the log. Its text, {@code epoch-partition.sequence} with the numbers in base
 * 36, is opaque to clients, made of letters, digits, {@code -} and {@code .} only, and equal to the
 * {@link Cursor} of a reader of that partition alone who has seen everything up to the message.
 *
 * @param epoch the log's identity
 * @param partition the part of the log
 * @param sequence the place in it, 0 or above
 */
public record Id(String epoch, int partition, long sequence) {
  public Id {
    PlaceText.checkEpoch(epoch);
    if (partition < 0 || sequence < 0) {
      throw new MalformedException(
          "id: partition " + partition + ", sequence " + sequence + " (expected: 0 or above)");
    }
  }

  /** Where the message stands in the log of that epoch. */
  public static Id of(String epoch, Message message) {
    return new Id(epoch, message.partition(), message.sequence());
  }

  /**
   * Reads an id.
   *
   * @throws MalformedException if the text is none
   */
  public static Id parse(String text) {
    Cursor cursor = PlaceText.parse("id", text);
    if (cursor.size() != 1) {
      throw PlaceText.refuse("id", text);
    }
    return new Id(cursor.epoch(), cursor.partition(0), cursor.sequence(0));
  }

  /**
   * The place of a reader who has seen everything up to this message, and nothing of other
   * partitions.
   */
  public Cursor toCursor() {
    return Cursor.of(epoch, partition, sequence);
  }

  @Override
  public String toString() {
    return PlaceText.append(new StringBuilder(32).append(epoch).append('-'), partition, sequence)
        .toString();
  }
}
