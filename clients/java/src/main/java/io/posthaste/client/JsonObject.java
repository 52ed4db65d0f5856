package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object that a server sent, with each value as it was spelt: what is inside
 * of a message's payload is none of our business. Borrows the bytes.
 */
final class JsonObject {
  /** Servers take payloads up to a depth of 256; their limits of size are those of the answer. */
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(512)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(10_000)
                  .build())
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private final byte[] json;
  private final Map<String, Span> members;

  /** Where a value stands, and its text if it is a string. */
  private static final class Span {
    final JsonToken kind;
    final int from;
    final int to;
    final @Nullable String text;

    Span(JsonToken kind, int from, int to, @Nullable String text) {
      this.kind = kind;
      this.from = from;
      this.to = to;
      this.text = text;
    }
  }

  private JsonObject(byte[] json, Map<String, Span> members) {
    this.json = json;
    this.members = members;
  }

  /**
   * Reads one object.
   *
   * @throws IOException if it is not one object of valid JSON
   */
  static JsonObject parse(byte[] json) throws IOException {
    return parse(json, 0, json.length);
  }

  private static JsonObject parse(byte[] json, int from, int to) throws IOException {
    Map<String, Span> members = new HashMap<>();
    try (JsonParser parser = FACTORY.createParser(json, from, to - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object (expected: what a Posthaste server answers)");
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        members.put(name, span(parser, from));
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new IOException("more than one JSON value (expected: one object)");
      }
    }
    return new JsonObject(json, members);
  }

  /** The parser counts from where it began. */
  private static Span span(JsonParser parser, int offset) throws IOException {
    JsonToken kind = parser.currentToken();
    int from = (int) parser.currentTokenLocation().getByteOffset();
    String text = kind == JsonToken.VALUE_STRING ? parser.getText() : null;
    parser.skipChildren();
    parser.finishToken();
    int to = (int) parser.currentLocation().getByteOffset();
    return new Span(kind, offset + from, offset + to, text);
  }

  /** Whether this is one JSON value, and nothing else. */
  static boolean isValue(byte[] json) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  boolean isTrue(String name) {
    Span span = members.get(name);
    return span != null && span.kind == JsonToken.VALUE_TRUE;
  }

  /** A string; null if there is none of that name, or it is something else. */
  @Nullable String text(String name) {
    Span span = members.get(name);
    return span == null ? null : span.text;
  }

  String text(String name, String fallback) {
    String text = text(name);
    return text == null ? fallback : text;
  }

  /**
   * A string that must be there.
   *
   * @throws IOException if it is not
   */
  String expect(String name) throws IOException {
    String text = text(name);
    if (text == null) {
      throw new IOException("no \"" + name + "\" (expected: what a Posthaste server answers)");
    }
    return text;
  }

  /** A value's bytes as they were spelt, with a string's quotes; empty if there is none. */
  byte[] raw(String name) {
    Span span = members.get(name);
    return span == null ? new byte[0] : Arrays.copyOfRange(json, span.from, span.to);
  }

  /** The objects of an array; empty if there is none of that name. */
  List<JsonObject> objects(String name) throws IOException {
    Span span = members.get(name);
    List<JsonObject> objects = new ArrayList<>();
    if (span == null || span.kind != JsonToken.START_ARRAY) {
      return objects;
    }
    try (JsonParser parser = FACTORY.createParser(json, span.from, span.to - span.from)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        Span element = span(parser, span.from);
        objects.add(parse(json, element.from, element.to));
      }
      if (parser.currentToken() != JsonToken.END_ARRAY) {
        throw new IOException("\"" + name + "\" is no array of objects (expected: one)");
      }
    }
    return objects;
  }

  /** The strings of an object's members; empty if there is none of that name. */
  Map<String, String> strings(String name) throws IOException {
    Span span = members.get(name);
    Map<String, String> strings = new LinkedHashMap<>();
    if (span != null && span.kind == JsonToken.START_OBJECT) {
      try (JsonParser parser = FACTORY.createParser(json, span.from, span.to - span.from)) {
        parser.nextToken();
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
          if (parser.nextToken() != JsonToken.VALUE_STRING) {
            throw new IOException("\"" + name + "\" has other values than strings");
          }
          strings.put(key, parser.getText());
        }
      }
    }
    return strings;
  }

  @Override
  public String toString() {
    return new String(json, UTF_8);
  }
}
