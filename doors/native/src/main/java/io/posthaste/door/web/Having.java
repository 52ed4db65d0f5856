package io.posthaste.door.web;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Listened;
import io.posthaste.config.Md5;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.server.JsonCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A version of a config that an instance says to have.
 *
 * @param key which config
 * @param id the version; null if it has none, or one that no server gave it
 * @param md5 of the content that it uses; null if it uses none
 */
record Having(ConfigKey key, @Nullable Id id, @Nullable Md5 md5) implements Listened {
  /** As many as a client may listen to over one connection. */
  static final int MOST = 10_000;

  private static final String LIST = "configs";

  /**
   * Reads {@code {"configs":[{"config":"public/G/a.yaml","id":"…","md5":"…"}]}}, in one go, as
   * there may be thousands.
   *
   * @throws MalformedException if it is something else
   */
  static List<Having> parse(byte[] json) {
    JsonCheck.checkEncoding("body", json);
    try (JsonParser parser = JsonCheck.parser(json, 0, json.length)) {
      expect(parser.nextToken() == JsonToken.START_OBJECT);
      expect(LIST.equals(parser.nextFieldName()));
      expect(parser.nextToken() == JsonToken.START_ARRAY);
      List<Having> all = new ArrayList<>();
      Set<ConfigKey> seen = new HashSet<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (all.size() == MOST) {
          throw new MalformedException("configs: more than " + MOST + " (expected: fewer)");
        }
        Having one = one(parser);
        if (!seen.add(one.key)) {
          throw new MalformedException("config: \"" + one.key + "\" twice (expected: once)");
        }
        all.add(one);
      }
      expect(parser.nextToken() == JsonToken.END_OBJECT && parser.nextToken() == null);
      return all;
    } catch (IOException e) {
      throw JsonCheck.refusal("body", e);
    }
  }

  private static Having one(JsonParser parser) throws IOException {
    expect(parser.currentToken() == JsonToken.START_OBJECT);
    String config = null;
    String id = null;
    String md5 = null;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      JsonToken kind = parser.nextToken();
      expect(kind == JsonToken.VALUE_STRING || kind == JsonToken.VALUE_NULL);
      String value = kind == JsonToken.VALUE_NULL ? null : parser.getText();
      switch (name) {
        case "config" -> config = value;
        case "id" -> id = value;
        case "md5" -> md5 = value;
        default -> expect(false);
      }
    }
    if (config == null) {
      throw new MalformedException("config: missing (expected: NAMESPACE/GROUP/NAME)");
    }
    return new Having(
        key(config), id == null ? null : Id.parse(id), md5 == null ? null : Md5.parse(md5));
  }

  private static ConfigKey key(String path) {
    String[] parts = path.split("/", -1);
    if (parts.length != 3) {
      throw new MalformedException(
          "config: " + MalformedException.quote(path) + " (expected: NAMESPACE/GROUP/NAME)");
    }
    ConfigKey key = new ConfigKey(parts[0], parts[1], parts[2]);
    key.topic(); // not too long for one
    return key;
  }

  private static void expect(boolean holds) {
    if (!holds) {
      throw new MalformedException(
          "body: not what is expected here (expected:"
              + " {\"configs\":[{\"config\":\"NAMESPACE/GROUP/NAME\",\"id\":\"…\",\"md5\":\"…\"}]})");
    }
  }
}
