package io.posthaste.app.demo;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Request;
import java.io.IOException;
import java.util.regex.Pattern;

/** A request's body: a JSON object of short texts. */
final class Fields {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final JsonNode json;

  private Fields(JsonNode json) {
    this.json = json;
  }

  /**
   * Those of a request.
   *
   * @throws MalformedException if its body is no JSON object
   */
  static Fields of(Request request) {
    JsonNode json = json(ByteBufUtil.getBytes(request.body()));
    if (!json.isObject()) {
      throw new MalformedException("body: no JSON object (expected: {\"name\":\"value\"})");
    }
    return new Fields(json);
  }

  static JsonNode json(byte[] bytes) {
    try {
      return MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw new MalformedException("body: not JSON (expected: {\"name\":\"value\"})");
    }
  }

  /**
   * A field that must be there.
   *
   * @param expected says what would be right
   * @throws MalformedException if it is absent or not of this form
   */
  String text(String name, Pattern form, String expected) {
    JsonNode value = json.path(name);
    if (!value.isTextual() || !form.matcher(value.textValue()).matches()) {
      throw new MalformedException(name + ": not as it must be (expected: " + expected + ")");
    }
    return value.textValue();
  }
}
