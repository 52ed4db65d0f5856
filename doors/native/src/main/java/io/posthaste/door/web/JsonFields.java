package io.posthaste.door.web;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.posthaste.core.MalformedException;
import io.posthaste.server.JsonCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of one JSON object from outside, each as it was spelt. */
final class JsonFields {
  private final byte[] json;
  private final Map<String, Value> values;

  /** Where a value stands; the text of it if it is a string. */
  private record Value(JsonToken kind, int from, int to, @Nullable String text) {}

  private JsonFields(byte[] json, Map<String, Value> values) {
    this.json = json;
    this.values = values;
  }

  /**
   * Reads an object.
   *
   * @param what names it in refusals
   * @throws MalformedException if it is not one JSON object, or has a member twice
   */
  static JsonFields parse(String what, byte[] json) {
    JsonCheck.checkEncoding(what, json);
    Map<String, Value> values = new LinkedHashMap<>();
    try (JsonParser parser = JsonCheck.parser(json, 0, json.length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException(what + ": not a JSON object (expected: {…})");
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        if (values.put(name, value(parser)) != null) {
          throw new MalformedException(
              what + ": " + MalformedException.quote(name) + " twice (expected: once)");
        }
      }
      if (parser.nextToken() != null) {
        throw new MalformedException(what + ": more than one JSON value (expected: one object)");
      }
    } catch (IOException e) {
      throw JsonCheck.refusal(what, e);
    }
    return new JsonFields(json, values);
  }

  private static Value value(JsonParser parser) throws IOException {
    parser.nextToken();
    return current(parser);
  }

  private static Value current(JsonParser parser) throws IOException {
    JsonToken kind = parser.currentToken();
    int from = (int) parser.currentTokenLocation().getByteOffset();
    String text = kind == JsonToken.VALUE_STRING ? parser.getText() : null;
    parser.skipChildren();
    parser.finishToken();
    return new Value(kind, from, (int) parser.currentLocation().getByteOffset(), text);
  }

  /** The members' names. */
  Set<String> names() {
    return values.keySet();
  }

  /** Refuses members other than these. */
  void only(Set<String> known) {
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw new MalformedException(
            MalformedException.quote(name)
                + " is not known here (expected: "
                + listed(known)
                + ")");
      }
    }
  }

  private static String listed(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }

  /** Whether there is a member of that name other than null. */
  boolean has(String name) {
    return present(name) != null;
  }

  private @Nullable Value present(String name) {
    Value value = values.get(name);
    return value == null || value.kind == JsonToken.VALUE_NULL ? null : value;
  }

  /** A string; null if it is absent. */
  @Nullable String string(String name) {
    Value value = present(name);
    if (value == null) {
      return null;
    }
    if (value.text == null) {
      throw new MalformedException(
          name + ": " + MalformedException.quote(spelt(value)) + " (expected: a string)");
    }
    return value.text;
  }

  /** A string that must be there. */
  String required(String name) {
    String text = string(name);
    if (text == null) {
      throw new MalformedException(name + ": missing (expected: a string)");
    }
    return text;
  }

  /** Whether it is true; not so if it is absent. */
  boolean isTrue(String name) {
    Value value = present(name);
    if (value == null || value.kind == JsonToken.VALUE_FALSE) {
      return false;
    }
    if (value.kind != JsonToken.VALUE_TRUE) {
      throw new MalformedException(
          name + ": " + MalformedException.quote(spelt(value)) + " (expected: true or false)");
    }
    return true;
  }

  /** A number or string as text; null if it is absent. */
  @Nullable String scalar(String name) {
    Value value = present(name);
    if (value == null) {
      return null;
    }
    if (!value.kind.isScalarValue()) {
      throw new MalformedException(name + ": expected a number or a string");
    }
    return value.text != null ? value.text : spelt(value);
  }

  /** A list of strings; empty if it is absent. */
  List<String> strings(String name, int max) {
    return list(
        name,
        max,
        "strings",
        parser -> {
          if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new MalformedException(name + ": expected nothing but strings in the list");
          }
          return parser.getText();
        });
  }

  /** A list of numbers and strings, as texts; empty if it is absent. */
  List<String> scalars(String name, int max) {
    return list(
        name,
        max,
        "numbers",
        parser -> {
          if (!parser.currentToken().isScalarValue()) {
            throw new MalformedException(name + ": expected nothing but numbers in the list");
          }
          return parser.getText();
        });
  }

  /** A list of objects; empty if it is absent. */
  List<JsonFields> objects(String name, int max) {
    Value outer = present(name);
    int base = outer == null ? 0 : outer.from;
    return list(
        name,
        max,
        "objects",
        parser -> {
          Value item = current(parser);
          return parse(name, Arrays.copyOfRange(json, base + item.from, base + item.to));
        });
  }

  /** Reads an item of a list, and stands at its end afterwards. */
  @FunctionalInterface
  private interface Item<T> {
    T read(JsonParser parser) throws IOException;
  }

  private <T> List<T> list(String name, int max, String what, Item<T> item) {
    Value value = present(name);
    if (value == null) {
      return List.of();
    }
    List<T> list = new ArrayList<>();
    try (JsonParser parser = JsonCheck.parser(json, value.from, value.to - value.from)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new MalformedException(name + ": expected a list of " + what);
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (list.size() == max) {
          throw new MalformedException(name + ": more than " + max + " (expected: fewer)");
        }
        list.add(item.read(parser));
      }
    } catch (IOException e) {
      throw JsonCheck.refusal(name, e);
    }
    return list;
  }

  /** An object of strings; empty if it is absent. */
  Map<String, String> stringMap(String name, int max) {
    Value value = present(name);
    if (value == null) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>();
    try (JsonParser parser = JsonCheck.parser(json, value.from, value.to - value.from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException(name + ": expected an object of strings");
      }
      for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw new MalformedException(name + ": expected nothing but strings in the object");
        }
        if (map.size() == max) {
          throw new MalformedException(name + ": more than " + max + " (expected: fewer)");
        }
        map.put(key, parser.getText());
      }
    } catch (IOException e) {
      throw JsonCheck.refusal(name, e);
    }
    return map;
  }

  /** Whether the member is a string. */
  boolean isString(String name) {
    Value value = values.get(name);
    return value != null && value.kind == JsonToken.VALUE_STRING;
  }

  /** The bytes of a member's value as they were sent; null if there is no such member. */
  byte @Nullable [] raw(String name) {
    Value value = values.get(name);
    return value == null ? null : Arrays.copyOfRange(json, value.from, value.to);
  }

  /** A member's value as it was spelt; null if there is no such member. */
  @Nullable String spelt(String name) {
    Value value = values.get(name);
    return value == null ? null : spelt(value);
  }

  private String spelt(Value value) {
    return new String(json, value.from, value.to - value.from, StandardCharsets.UTF_8);
  }
}
