package io.posthaste.door.web;

import io.posthaste.access.Credential;
import io.posthaste.core.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Frames of a WebSocket and lines of a batch, as JSON: taken or refused, whatever is asked. */
public final class FieldsTarget {
  private FieldsTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    try {
      JsonFields fields = JsonFields.parse("frame", input);
      offer(fields, asked -> asked.strings("topics", 10));
      offer(fields, asked -> asked.scalar("after"));
      offer(fields, asked -> asked.stringMap("headers", 64));
      offer(fields, Publication::of);
      offer(fields, asked -> Credential.ofToken(asked.required("token")));
      aboutConfigs(input);
      String spelt = fields.spelt("data");
      if (spelt != null && !new String(input, StandardCharsets.UTF_8).contains(spelt)) {
        throw new AssertionError("data is no part of what was sent: " + spelt);
      }
    } catch (MalformedException e) {
      check(e);
    }
  }

  /** What is said of gray versions and of namespaces. */
  private static void aboutConfigs(byte[] input) {
    try {
      GrayBody body = GrayBody.parse(input);
      body.stages();
      body.every();
      body.rule();
    } catch (MalformedException e) {
      check(e);
    }
    try {
      NamespaceJson.Body.parse(input);
    } catch (MalformedException e) {
      check(e);
    }
  }

  private static void offer(JsonFields fields, Consumer<JsonFields> asking) {
    try {
      asking.accept(fields);
    } catch (MalformedException e) {
      check(e);
    }
  }

  private static void check(MalformedException e) {
    String message = String.valueOf(e.getMessage());
    if (message.isBlank() || message.length() > 3_000 || message.chars().anyMatch(c -> c < ' ')) {
      throw new AssertionError("refusal: " + message, e);
    }
  }
}
