package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes an {@link Append} of what a publisher sent, and tells what became of it. */
final class Publication {
  /** The members of a message that is published as JSON. */
  static final Set<String> FIELDS =
      Set.of("topic", "data", "type", "encoding", "headers", "key", "match");

  private static final int MAX_TYPE_CHARS = 256;
  private static final int MAX_HEADERS = 64;
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");
  private static final int MAX_HEADER_CHARS = 4_096;
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
    checkType(type);
    if (DataForm.of(type) == DataForm.JSON) {
      Json.check("body", payload);
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
    checkType(type);
    byte[] payload = DataForm.of(type) == DataForm.JSON ? raw : payload(fields, type);
    if (payload == raw && fields.has("encoding")) {
      throw new MalformedException("encoding: has no meaning for JSON (expected: none)");
    }
    Map<String, String> headers = fields.stringMap("headers", MAX_HEADERS);
    headers.forEach(Publication::checkHeader);
    return new Append(
        topic,
        type,
        headers,
        Payload.wrap(payload),
        false,
        condition(fields.string("match")),
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

  private static void checkType(String type) {
    boolean good = type.length() <= MAX_TYPE_CHARS;
    for (int i = 0; good && i < type.length(); i++) {
      good = type.charAt(i) >= ' ' && type.charAt(i) < 0x7f;
    }
    if (!good) {
      throw new MalformedException(
          "type: not a Content-Type (expected: at most " + MAX_TYPE_CHARS + " of visible ASCII)");
    }
  }

  private static void checkHeader(String name, String value) {
    boolean good = HEADER_NAME.matcher(name).matches() && value.length() <= MAX_HEADER_CHARS;
    for (int i = 0; good && i < value.length(); i++) {
      good = value.charAt(i) >= ' ' && value.charAt(i) != 0x7f;
    }
    if (!good || !new String(value.getBytes(UTF_8), UTF_8).equals(value)) {
      throw new MalformedException(
          "headers: not a name of letters, digits and -_. or a value with control characters"
              + " (expected: at most 128 and 4,096 characters)");
    }
  }

  /** {@code ID}: that is the latest; {@code *}: there is one; {@code none}: there is none. */
  private static Condition condition(@Nullable String match) {
    if (match == null) {
      return Condition.ANY;
    }
    return switch (match) {
      case "*" -> Condition.PRESENT;
      case "none" -> Condition.ABSENT;
      default -> new Condition.LatestIs(Id.parse(match));
    };
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
