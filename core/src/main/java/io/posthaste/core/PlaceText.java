package io.posthaste.core;

/** The text of ids and cursors: {@code epoch-p.s} and {@code epoch-p.s_p.s}, numbers in base 36. */
final class PlaceText {
  private static final int RADIX = 36;
  private static final int MAX_CHARS = 2048;
  private static final int MAX_EPOCH_CHARS = 32;

  private PlaceText() {}

  static StringBuilder append(StringBuilder text, int partition, long sequence) {
    return text.append(Integer.toString(partition, RADIX))
        .append('.')
        .append(Long.toString(sequence, RADIX));
  }

  static void checkEpoch(String epoch) {
    boolean good = !epoch.isEmpty() && epoch.length() <= MAX_EPOCH_CHARS;
    for (int i = 0; good && i < epoch.length(); i++) {
      char c = epoch.charAt(i);
      good = c >= '0' && c <= '9' || c >= 'a' && c <= 'z';
    }
    if (!good) {
      throw new MalformedException(
          "epoch: "
              + MalformedException.quote(epoch)
              + " (expected: 1 to "
              + MAX_EPOCH_CHARS
              + " of 0-9a-z)");
    }
  }

  static Cursor parse(String what, String text) {
    int dash = text.indexOf('-');
    if (text.length() > MAX_CHARS || dash < 0) {
      throw refuse(what, text);
    }
    String epoch = text.substring(0, dash);
    String[] places = text.substring(dash + 1).split("_", -1);
    int[] partitions = new int[places.length];
    long[] sequences = new long[places.length];
    try {
      checkEpoch(epoch);
      for (int i = 0; i < places.length; i++) {
        int dot = places[i].indexOf('.');
        partitions[i] = Math.toIntExact(number(places[i].substring(0, Math.max(dot, 0))));
        sequences[i] = number(places[i].substring(dot + 1));
      }
      return new Cursor(epoch, partitions, sequences);
    } catch (MalformedException | NumberFormatException | ArithmeticException e) {
      throw refuse(what, text);
    }
  }

  /**
   * Only what {@link #append} writes: no sign, no leading zero, no capitals; so equal places have
   * equal texts.
   */
  private static long number(String digits) {
    long value = Long.parseLong(digits, RADIX);
    if (value < 0 || !Long.toString(value, RADIX).equals(digits)) {
      throw new NumberFormatException(digits);
    }
    return value;
  }

  static MalformedException refuse(String what, String text) {
    return new MalformedException(
        what
            + ": "
            + MalformedException.quote(text)
            + " is none that this server gave out (expected: the text of an"
            + " id or of \"next\", unchanged)");
  }
}
