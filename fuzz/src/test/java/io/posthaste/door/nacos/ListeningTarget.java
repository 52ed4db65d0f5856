package io.posthaste.door.nacos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.core.MalformedException;
import java.util.List;

/**
 * What polls of Nacos clients listen to: taken or refused, and what is taken says the same when it
 * is written as a client would.
 */
public final class ListeningTarget {
  private ListeningTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    List<Listening.Entry> entries;
    try {
      entries = Listening.parse(new String(input, UTF_8));
    } catch (MalformedException e) {
      String message = String.valueOf(e.getMessage());
      if (message.isBlank() || message.length() > 3_000 || message.chars().anyMatch(c -> c < ' ')) {
        throw new AssertionError("refusal: " + message, e);
      }
      return;
    }
    StringBuilder again = new StringBuilder();
    for (Listening.Entry entry : entries) {
      again.append(entry.key().name()).append(Listening.FIELD_END);
      again.append(entry.key().group()).append(Listening.FIELD_END);
      again.append(entry.md5() == null ? "" : entry.md5());
      if (entry.spelling() != Listening.Spelling.ABSENT) {
        again.append(Listening.FIELD_END);
      }
      if (entry.spelling() == Listening.Spelling.NAMED) {
        again.append(entry.key().namespace());
      }
      again.append(Listening.ENTRY_END);
    }
    if (!Listening.parse(again.toString()).equals(entries)) {
      throw new AssertionError(entries + " is written as " + again);
    }
  }
}
