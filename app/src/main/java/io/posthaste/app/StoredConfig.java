package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.config.ConfigKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A version of a config, as a server or an archive has it.
 *
 * @param key which config
 * @param id the version; empty if it is not on a server
 * @param at when it was published; empty if it is not on a server
 * @param content its text
 * @param headers what is said of it: format, comment, tags
 * @param deleted whether it is a deletion
 */
record StoredConfig(
    ConfigKey key,
    String id,
    String at,
    String content,
    Map<String, String> headers,
    boolean deleted) {
  StoredConfig {
    headers = Map.copyOf(headers);
  }

  /** One that is on no server yet. */
  static StoredConfig of(ConfigKey key, String content, Map<String, String> headers) {
    return new StoredConfig(key, "", "", content, headers, false);
  }

  /** What a message of a config's topic says. */
  static StoredConfig of(JsonNode message) throws IOException {
    String topic = message.path("topic").asText();
    String[] parts = topic.split("/", -1);
    if (parts.length != 4) {
      throw new IOException(topic + " is no config");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    message
        .path("headers")
        .properties()
        .forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
    JsonNode data = message.path("data");
    String content =
        data.isTextual() ? data.asText() : data.isMissingNode() ? "" : Json.write(data);
    if (message.path("encoding").asText().equals("base64")) {
      content = new String(Base64.getDecoder().decode(content), StandardCharsets.UTF_8);
    }
    return new StoredConfig(
        new ConfigKey(parts[1], parts[2], parts[3]),
        message.path("id").asText(),
        message.path("at").asText(),
        content,
        headers,
        message.path("deleted").asBoolean());
  }

  /** One of its headers; empty if it has none such. */
  String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** Its format, as the header says it. */
  String format() {
    return headers.getOrDefault("format", "text");
  }

  /** The same in another namespace. */
  StoredConfig in(String namespace) {
    ConfigKey moved = new ConfigKey(namespace, key.group(), key.name());
    return new StoredConfig(moved, id, at, content, headers, deleted);
  }

  /** Whether to publish this in the place of another would change nothing for who reads it. */
  boolean changesNothing(StoredConfig there) {
    return content.equals(there.content)
        && (!headers.containsKey("format") || format().equals(there.format()))
        && header("encrypted-data-key").equals(there.header("encrypted-data-key"));
  }
}
