package io.posthaste.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** The keys of JSON, flattened: {@code a.b}, {@code list[0].c}. Numbers keep their spelling. */
final class JsonKeys {
  private static final int MAX_DEPTH = 256;
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private JsonKeys() {}

  /** An object or array that is being read. */
  private static final class Level {
    final String path;
    final boolean isArray;
    int count;

    Level(String path, boolean isArray) {
      this.path = path;
      this.isArray = isArray;
    }

    String next(String field) {
      return isArray ? path + '[' + count++ + ']' : path.isEmpty() ? field : path + '.' + field;
    }
  }

  /**
   * Reads them.
   *
   * @throws IOException if it is not one JSON object, or nothing at all
   */
  static Map<String, String> of(String json) throws IOException {
    Map<String, String> keys = new LinkedHashMap<>();
    try (JsonParser parser = FACTORY.createParser(json)) {
      JsonToken first = parser.nextToken();
      if (first != null && first != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      if (first != null) {
        read(parser, keys);
      }
      if (parser.nextToken() != null) {
        throw new IOException("more than one value");
      }
    } catch (JsonProcessingException e) {
      throw new IOException(e.getOriginalMessage() + " at " + where(e), e);
    }
    return Collections.unmodifiableMap(keys);
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null
        ? "its end"
        : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
  }

  private static void read(JsonParser parser, Map<String, String> keys) throws IOException {
    Deque<Level> levels = new ArrayDeque<>();
    levels.push(new Level("", false));
    while (!levels.isEmpty()) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new IOException("it ends too early");
      }
      Level level = levels.element();
      if (token.isStructEnd()) {
        levels.pop();
      } else if (token.isStructStart()) {
        String path = level.next(String.valueOf(parser.currentName()));
        levels.push(new Level(path, token == JsonToken.START_ARRAY));
      } else if (token != JsonToken.FIELD_NAME) {
        String value = token == JsonToken.VALUE_NULL ? "" : parser.getText();
        keys.put(level.next(String.valueOf(parser.currentName())), value);
      }
    }
  }
}
