package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import io.posthaste.server.JsonCheck;
import io.posthaste.server.MessageRules;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes an {@link Append} of what a publisher sent, and tells what became of it. */
final class Publication {
  /** The members of a message that is published as JSON. */
  static final Set<String> FIELDS =
      Set.of("topic", "data", "type", "encoding", "headers", "key", "match");

  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  private Publication() {}

  /**
   * A message whose payload came as it is.
   *
   * @throws MalformedException if it says that it is JSON and is not
   */
  static Append of(
      Topic topic, String type, byte[] payload, Condition condition, @Nullable String key) {
    MessageRules.checkType(type);
    if (DataForm.of(type) == DataForm.JSON) {
      JsonCheck.check("body", payload);
    }
    return new Append(topic, type, Map.of(), Payload.wrap(payload), false, condition, key);
  }

  /**
   * A message that came as JSON: {@code topic}, {@code data}, and where wanted {@code type}, {@code
   * encoding}, {@code headers}, {@code key}, {@code match}.
   */
  static Append of(JsonFields fields) {
    Topic topic = new Topic(fields.required("topic"));
    byte[] raw = fields.raw("data");
    if (raw == null) {
      throw new MalformedException("data: missing (expected: a JSON value)");
    }
    String type = fields.string("type");
    if (type == null) {
      type = fields.isString("data") ? TEXT : JSON;
    }
    MessageRules.checkType(type);
    byte[] payload = DataForm.of(type) == DataForm.JSON ? raw : payload(fields, type);
    if (payload == raw && fields.has("encoding")) {
      throw new MalformedException("encoding: has no meaning for JSON (expected: none)");
    }
    Map<String, String> headers = fields.stringMap("headers", MessageRules.MAX_HEADERS);
    headers.forEach(MessageRules::checkHeader);
    String match = fields.string("match");
    return new Append(
        topic,
        type,
        headers,
        Payload.wrap(payload),
        false,
        match == null ? Condition.ANY : MessageRules.condition(match),
        fields.string("key"));
  }

  private static byte[] payload(JsonFields fields, String type) {
    String data = fields.string("data");
    if (data == null) {
      throw new MalformedException(
          "data: null (expected: a string for type " + MalformedException.quote(type) + ")");
    }
    String encoding = fields.string("encoding");
    if (encoding == null) {
      if (DataForm.of(type) == DataForm.BINARY) {
        throw new MalformedException(
            "data: type \""
                + type
                + "\" is no text (expected: base64, and \"encoding\":\"base64\")");
      }
      byte[] bytes = data.getBytes(UTF_8);
      if (!new String(bytes, UTF_8).equals(data)) {
        throw new MalformedException("data: half a surrogate pair (expected: valid Unicode)");
      }
      return bytes;
    }
    if (!encoding.equals("base64")) {
      throw new MalformedException("encoding: not known (expected: base64, or none)");
    }
    try {
      return Base64.getDecoder().decode(data);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("data: not base64 (expected: RFC 4648, section 4)");
    }
  }

  /** Writes {@code "topic":…,"id":…,"at":…}, without braces. */
  static void writeStored(ByteBuf out, Topic topic, Appended.Stored stored) {
    JsonText.ascii(out, "\"topic\":");
    JsonText.string(out, topic.name());
    JsonText.ascii(out, ",\"id\":");
    JsonText.id(out, stored.id());
    JsonText.ascii(out, ",\"at\":");
    JsonText.time(out, stored.timeMillis());
  }
}
