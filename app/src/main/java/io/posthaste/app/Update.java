package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.server.JsonCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;

/**
 * A message as it arrived.
 *
 * @param topic its topic
 * @param id its id
 * @param at when its server took it
 * @param payload its payload, as text for people or as the bytes that were published
 * @param deleted whether it says that the topic was deleted
 * @param received when it arrived, by this machine's clock
 * @param json all of it, as it was sent
 */
record Update(
    String topic,
    String id,
    Instant at,
    byte[] payload,
    boolean deleted,
    Instant received,
    JsonNode json) {

  /**
   * Reads a message's JSON form.
   *
   * @throws IOException if it is none
   */
  static Update of(JsonNode json, Instant received) throws IOException {
    JsonNode topic = json.path("topic");
    JsonNode id = json.path("id");
    if (!topic.isTextual() || !id.isTextual()) {
      throw new IOException("not a message: " + abbreviate(json));
    }
    try {
      return new Update(
          topic.textValue(),
          id.textValue(),
          Instant.parse(json.path("at").asText()),
          payload(json),
          json.path("deleted").asBoolean(),
          received,
          json);
    } catch (DateTimeParseException | IllegalArgumentException e) {
      throw new IOException("not a message: " + abbreviate(json), e);
    }
  }

  /** A message that did not come as JSON. */
  static Update of(
      String topic,
      String id,
      Instant at,
      String type,
      byte[] payload,
      boolean deleted,
      Instant received)
      throws IOException {
    ObjectNode json = Json.object().put("topic", topic).put("id", id).put("at", at.toString());
    if (!type.isEmpty()) {
      json.put("type", type);
    }
    if (deleted) {
      json.put("deleted", true);
    } else if (JsonCheck.isJson(type)) {
      json.set("data", Json.read(new String(payload, StandardCharsets.UTF_8)));
    } else {
      String text = new String(payload, StandardCharsets.UTF_8);
      if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), payload)) {
        json.put("data", text);
      } else {
        json.put("data", Base64.getEncoder().encodeToString(payload)).put("encoding", "base64");
      }
    }
    return new Update(topic, id, at, payload, deleted, received, json);
  }

  private static byte[] payload(JsonNode json) {
    JsonNode data = json.path("data");
    if (data.isMissingNode()) {
      return new byte[0];
    }
    if (json.path("encoding").asText().equals("base64")) {
      return Base64.getDecoder().decode(data.asText());
    }
    boolean isText = data.isTextual() && !JsonCheck.isJson(json.path("type").asText());
    String text = isText ? data.textValue() : Json.write(data);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String abbreviate(JsonNode json) {
    String text = Json.write(json);
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }

  /** The payload for people. */
  String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  /** From the server's taking it to its arrival here; wrong by as much as the two clocks differ. */
  Duration latency() {
    return Duration.between(at, received);
  }
}
