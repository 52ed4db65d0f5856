package io.posthaste.server;

import io.posthaste.core.Cursor;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Start;
import java.time.DateTimeException;
import java.time.OffsetDateTime;

/** Where a client wants to begin, as every door spells it. */
public final class Beginning {
  private Beginning() {}

  /**
   * A cursor, {@code 0} for all that is kept, or {@code @TIME} (RFC 3339).
   *
   * @throws MalformedException if it is none of them
   */
  public static Start after(String text) {
    if (text.equals("0")) {
      return Start.BEGINNING;
    }
    if (!text.startsWith("@")) {
      return new Start.After(Cursor.parse(text));
    }
    try {
      // In a query an offset's + arrives as a space.
      return new Start.Since(OffsetDateTime.parse(text.substring(1).replace(' ', '+')).toInstant());
    } catch (DateTimeException e) {
      throw new MalformedException(
          "after: not a time (expected: RFC 3339, as in @2026-11-22T10:00:00Z)");
    }
  }
}
