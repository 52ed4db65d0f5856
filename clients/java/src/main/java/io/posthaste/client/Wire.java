package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands in the JSON of the native wire, both ways. */
final class Wire {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Wire() {}

  /** Writes some JSON. */
  @FunctionalInterface
  interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  /** The bytes of an object. */
  static byte[] object(Writing members) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      members.to(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory there is no I/O that could fail
    }
    return out.toByteArray();
  }

  /** A message as it is delivered. */
  static Message message(JsonObject json) throws IOException {
    String type = json.text("type");
    Map<String, String> headers = json.has("headers") ? json.strings("headers") : Map.of();
    return new Message(
        json.expect("topic"),
        json.expect("id"),
        time(json.expect("at")),
        type,
        headers,
        payload(json, type),
        json.isTrue("deleted"));
  }

  private static byte[] payload(JsonObject json, @Nullable String type) throws IOException {
    String text = json.text("data");
    if ("base64".equals(json.text("encoding")) && text != null) {
      try {
        return Base64.getDecoder().decode(text);
      } catch (IllegalArgumentException e) {
        throw new IOException("\"data\" is no base64", e);
      }
    }
    return text == null || isJson(type) ? json.raw("data") : text.getBytes(UTF_8);
  }

  /** Whether a payload of this type stands in a message as the JSON that it is. */
  static boolean isJson(@Nullable String type) {
    String name = mediaType(type);
    return name.equals("application/json") || name.equals("text/json") || name.endsWith("+json");
  }

  private static boolean isText(String type) {
    String name = mediaType(type);
    return name.startsWith("text/") || name.endsWith("+xml") || name.endsWith("+yaml");
  }

  private static String mediaType(@Nullable String type) {
    if (type == null) {
      return "";
    }
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).trim().toLowerCase(Locale.ROOT);
  }

  private static Instant time(String text) throws IOException {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IOException("\"at\" is no time: " + text, e);
    }
  }

  static Page page(JsonObject json) throws IOException {
    List<Message> messages = new ArrayList<>();
    for (JsonObject message : json.objects("messages")) {
      messages.add(message(message));
    }
    return new Page(
        messages, json.expect("next"), json.isTrue("more"), json.isTrue("missed"), gaps(json));
  }

  static List<Gap> gaps(JsonObject json) throws IOException {
    List<Gap> gaps = new ArrayList<>();
    for (JsonObject gap : json.objects("gaps")) {
      gaps.add(new Gap(gap.expect("topic"), gap.text("from", "")));
    }
    return gaps;
  }

  static Published published(JsonObject json) throws IOException {
    return new Published(json.expect("topic"), json.expect("id"), time(json.expect("at")));
  }

  /** A message to be published, as a line of a batch. */
  static byte[] line(Publication publication, String key) {
    byte[] payload = publication.payload();
    boolean json = isJson(publication.type()) && isOneLine(payload) && JsonObject.isValue(payload);
    return object(
        out -> {
          out.writeStringField("topic", publication.topic());
          out.writeStringField("type", publication.type());
          String text = new String(payload, UTF_8);
          if (json) {
            out.writeFieldName("data");
            out.writeRawValue(text);
          } else if (isText(publication.type()) && Arrays.equals(text.getBytes(UTF_8), payload)) {
            out.writeStringField("data", text);
          } else {
            out.writeStringField("encoding", "base64");
            out.writeStringField("data", Base64.getEncoder().encodeToString(payload));
          }
          if (!publication.headers().isEmpty()) {
            out.writeObjectFieldStart("headers");
            for (Map.Entry<String, String> header : publication.headers().entrySet()) {
              out.writeStringField(header.getKey(), header.getValue());
            }
            out.writeEndObject();
          }
          out.writeStringField("key", key);
          if (publication.match() != null) {
            out.writeStringField("match", publication.match());
          }
        });
  }

  /**
   * JSON with line breaks would be two lines of a batch; it goes as base64, to be left as it is. So
   * does what is none: it is the server's to refuse, and shall not become members of the line.
   */
  private static boolean isOneLine(byte[] json) {
    for (byte b : json) {
      if (b == '\n' || b == '\r') {
        return false;
      }
    }
    return json.length > 0;
  }
}
