package io.posthaste.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The answer to a batch: a line for a line. */
final class Outcomes {
  private Outcomes() {}

  static List<Outcome> parse(byte[] lines, int expected) throws IOException {
    List<Outcome> outcomes = new ArrayList<>(expected);
    int from = 0;
    for (int i = 0; i < lines.length; i++) {
      if (lines[i] == '\n') {
        if (i > from) {
          outcomes.add(outcome(JsonObject.parse(Arrays.copyOfRange(lines, from, i))));
        }
        from = i + 1;
      }
    }
    if (outcomes.size() != expected) {
      throw new IOException(
          "a batch of " + expected + " was answered by " + outcomes.size() + " lines");
    }
    return outcomes;
  }

  private static Outcome outcome(JsonObject line) throws IOException {
    if (line.has("id")) {
      return Outcome.of(Wire.published(line));
    }
    String detail = line.text("detail", line.text("title", "refused"));
    return Outcome.of(new RefusedException(line.text("code", "failed"), detail, null));
  }
}
