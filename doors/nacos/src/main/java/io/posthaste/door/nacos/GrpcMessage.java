package io.posthaste.door.nacos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.UnsafeByteOperations;
import io.posthaste.core.MalformedException;
import io.posthaste.door.nacos.wire.Body;
import io.posthaste.door.nacos.wire.Metadata;
import io.posthaste.door.nacos.wire.Payload;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as it came: a type and an object of JSON.
 *
 * @param type such as {@code ConfigQueryRequest}
 * @param headers of the request; who asks stands here
 * @param json what it says
 */
record GrpcMessage(String type, Map<String, String> headers, JsonNode json) {
  /**
   * Reads one.
   *
   * @throws MalformedException if its body is no object of JSON
   */
  static GrpcMessage of(Payload payload) {
    Metadata metadata = payload.getMetadata();
    try {
      JsonNode json =
          payload.getBody().getValue().isEmpty()
              ? Answers.JSON.createObjectNode()
              : Answers.JSON.readTree(payload.getBody().getValue().newInput());
      if (json.isObject()) {
        return new GrpcMessage(metadata.getType(), metadata.getHeadersMap(), json);
      }
    } catch (IOException e) { // of the parser: there is no device
      throw malformed(metadata.getType());
    }
    throw malformed(metadata.getType());
  }

  private static MalformedException malformed(String type) {
    return new MalformedException(
        MalformedException.quote(type) + ": its body is no object (expected: JSON)");
  }

  /** One of ours. */
  static Payload payload(String type, ObjectNode json) {
    try {
      return Payload.newBuilder()
          .setMetadata(Metadata.newBuilder().setType(type))
          .setBody(
              Body.newBuilder()
                  .setValue(UnsafeByteOperations.unsafeWrap(Answers.JSON.writeValueAsBytes(json))))
          .build();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  /** A field that is a text; null if it is not there. */
  static @Nullable String find(JsonNode json, String name) {
    JsonNode value = json.path(name);
    return value.isTextual() ? value.textValue() : null;
  }

  /** A field that is a text; empty if it is not there. */
  static String text(JsonNode json, String name) {
    String value = find(json, name);
    return value == null ? "" : value;
  }

  /** A text of at most so many characters. */
  static String text(JsonNode json, String name, int maxChars) {
    String value = text(json, name);
    if (value.length() > maxChars) {
      throw new MalformedException(
          name + ": " + value.length() + " characters (expected: at most " + maxChars + ")");
    }
    return value;
  }

  String header(String name) {
    return headers.getOrDefault(name, "");
  }
}
