package io.posthaste.door.web;

import io.posthaste.core.Cursor;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Start;
import java.time.DateTimeException;
import java.time.OffsetDateTime;

/** Reads where a client wants to begin. */
final class Places {
  private Places() {}

  /** A cursor, {@code 0} for all that is kept, or {@code @TIME}. */
  static Start after(String text) {
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
