package io.posthaste.core;

/**
 * Thrown when text from outside is not a legal topic, pattern, id, cursor or policy. The message
 * names the offending value and says what would be right; it is fit to be shown to the sender.
 */
public final class MalformedException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private static final int SHOWN_CHARS = 80;

  /** Says what is wrong in one line. */
  public MalformedException(String message) {
    super(message);
  }

  /** Quotes a value for a message, cut to a length that fits a line, control characters escaped. */
  public static String quote(String value) {
    StringBuilder quoted = new StringBuilder().append('"');
    int shown = Math.min(value.length(), SHOWN_CHARS);
    for (int i = 0; i < shown; i++) {
      char c = value.charAt(i);
      if (c < ' ' || c == 0x7f) {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append(shown < value.length() ? "…\"" : "\"").toString();
  }
}
