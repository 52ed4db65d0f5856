package io.posthaste.app;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The configuration file: settings, or a refusal that says where and what would be right. */
public final class ConfigTarget {
  private ConfigTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      Settings.of(new Configuration(Map.of(), Map.of(), ConfigFile.parse("c.yaml", text)));
    } catch (CommandFailure e) {
      if (String.valueOf(e.getMessage()).isBlank()) {
        throw new AssertionError("refused without a word", e);
      }
    }
  }
}
