package io.posthaste.engine.jetstream;

import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.posthaste.core.LogException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What all nodes agree upon: the log's epoch, and which rule's topics are in which partition. It
 * stands in a stream of its own, as JSON.
 *
 * @param epoch the log's identity
 * @param nextNumber the number of the next partition
 * @param parts the partitions in the order of their rules
 */
record Plan(String epoch, int nextNumber, List<Part> parts) {
  /** The rule of topics that no other is for. */
  static final String OTHERS = "";

  private static final int VERSION = 1;

  /**
   * One partition.
   *
   * @param number its number
   * @param rule the pattern of the rule whose topics it has
   * @param token what its stream says of itself: another one is another stream of that name
   * @param base sequences begin above this
   * @param memory whether it is in memory
   */
  record Part(int number, String rule, String token, long base, boolean memory) {}

  Plan {
    parts = List.copyOf(parts);
  }

  Optional<Part> part(String rule) {
    return parts.stream().filter(part -> part.rule().equals(rule)).findFirst();
  }

  List<String> rules() {
    return parts.stream().map(Part::rule).toList();
  }

  String text() {
    List<JsonValue> list = new ArrayList<>();
    for (Part part : parts) {
      list.add(
          JsonValueUtils.mapBuilder()
              .put("number", part.number())
              .put("rule", part.rule())
              .put("token", part.token())
              .put("base", part.base())
              .put("memory", part.memory())
              .toJsonValue());
    }
    return JsonValueUtils.mapBuilder()
        .put("version", VERSION)
        .put("epoch", epoch)
        .put("next", nextNumber)
        .put("partitions", new JsonValue(list))
        .toJsonValue()
        .toJson();
  }

  static Plan parse(String text) {
    JsonValue json = JsonParser.parseUnchecked(text);
    int version = JsonValueUtils.readInteger(json, "version", 0);
    if (version != VERSION) {
      throw new LogException(
          "the log in JetStream has format "
              + version
              + " (expected: "
              + VERSION
              + ", which this version of the server reads; use the one that wrote it)");
    }
    List<Part> parts = new ArrayList<>();
    for (JsonValue part : JsonValueUtils.readArray(json, "partitions")) {
      parts.add(
          new Part(
              JsonValueUtils.readInteger(part, "number", 0),
              JsonValueUtils.readString(part, "rule", ""),
              JsonValueUtils.readString(part, "token", ""),
              JsonValueUtils.readLong(part, "base", 0),
              JsonValueUtils.readBoolean(part, "memory")));
    }
    return new Plan(
        JsonValueUtils.readString(json, "epoch", ""),
        JsonValueUtils.readInteger(json, "next", 1),
        parts);
  }
}
