package io.posthaste.core;

import java.nio.charset.StandardCharsets;

/** Texts of ids and cursors: what is taken is written again as it was, all else refused. */
public final class PlaceTarget {
  private PlaceTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      same(text, Cursor.parse(text).toString());
    } catch (MalformedException e) {
      refusal(e);
    }
    try {
      same(text, Id.parse(text).toString());
    } catch (MalformedException e) {
      refusal(e);
    }
  }

  private static void same(String text, String again) {
    if (!text.equals(again)) {
      throw new AssertionError(text + " became " + again);
    }
  }

  /** A refusal fits on a line. */
  static void refusal(MalformedException e) {
    String message = String.valueOf(e.getMessage());
    if (message.isBlank() || message.length() > 3_000 || message.chars().anyMatch(c -> c < ' ')) {
      throw new AssertionError("refusal: " + message, e);
    }
  }
}
