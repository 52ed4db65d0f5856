package io.posthaste.testkit;

import static java.util.Objects.requireNonNull;

/**
 * What a client of a door was told.
 *
 * @param kind what it is
 * @param topic of a message; else empty
 * @param text a message's payload as text; else empty
 * @param cursor where to go on after this; empty if it does not say
 */
public record Seen(Kind kind, String topic, String text, String cursor) {
  /** What can be told. */
  public enum Kind {
    /** A message. */
    MESSAGE,
    /** Where the reader stands. */
    PLACE,
    /** That messages are no longer kept. */
    MISSED,
    /** That the connection has ended, properly or not. */
    END
  }

  public Seen {
    requireNonNull(kind, "kind");
    requireNonNull(topic, "topic");
    requireNonNull(text, "text");
    requireNonNull(cursor, "cursor");
  }

  /** A message. */
  public static Seen message(String topic, String text, String cursor) {
    return new Seen(Kind.MESSAGE, topic, text, cursor);
  }

  /** A cursor. */
  public static Seen place(String cursor) {
    return new Seen(Kind.PLACE, "", "", cursor);
  }

  /** That something was missed. */
  public static Seen missed() {
    return new Seen(Kind.MISSED, "", "", "");
  }

  /** That it is over. */
  public static Seen end() {
    return new Seen(Kind.END, "", "", "");
  }
}
