package io.posthaste.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The suite that all clients pass: {@code clients/behaviours.json}. */
final class Behaviours {
  private static final Path FILE = Path.of("..", "behaviours.json");
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final AtomicInteger RUNS = new AtomicInteger();

  /** The techniques by the names that they have in the file. */
  static final Map<String, Technique> TECHNIQUES =
      Map.of(
          "tcp", Technique.TCP,
          "websocket", Technique.WEBSOCKET,
          "sse", Technique.SSE,
          "longPoll", Technique.LONG_POLL,
          "shortPoll", Technique.SHORT_POLL);

  private final JsonNode file;

  private Behaviours(JsonNode file) {
    this.file = file;
  }

  static Behaviours read() {
    try {
      return new Behaviours(MAPPER.readTree(Files.readString(FILE)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Options that the server must have. */
  List<String> server() {
    List<String> options = new ArrayList<>();
    file.path("server").forEach(option -> options.add(option.asText()));
    return options;
  }

  /** The settings of the client under test. */
  JsonNode client() {
    return file.path("client");
  }

  /** Those that run over this: each, ladder, once. */
  List<JsonNode> over(String what) {
    List<JsonNode> found = new ArrayList<>();
    file.path("behaviours")
        .forEach(
            behaviour -> {
              if (behaviour.path("over").asText().equals(what)) {
                found.add(behaviour);
              }
            });
    return found;
  }

  /** The same under names of its own. */
  static JsonNode fresh(JsonNode behaviour) throws IOException {
    String run = "run-" + RUNS.incrementAndGet();
    return MAPPER.readTree(behaviour.toString().replace("{run}", run));
  }

  static JsonNode parse(String json) throws IOException {
    return MAPPER.readTree(json);
  }
}
