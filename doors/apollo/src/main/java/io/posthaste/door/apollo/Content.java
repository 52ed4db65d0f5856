package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.PropertiesText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The text of a namespace as an instance sees it: one config's, or an application's own over a
 * public one's.
 *
 * @param name as it was asked for
 * @param versions one or two, of which the first stands over the second
 */
record Content(NamespaceName name, List<ConfigVersion> versions) {
  Content {
    versions = List.copyOf(versions);
  }

  /** What clients name this state by: equal for equal texts on every node, also after a restart. */
  static String releaseKey(List<ConfigVersion> versions) {
    return versions.stream()
        .map(version -> version.id().toString())
        .collect(Collectors.joining("+"));
  }

  /** Keys and values. */
  Map<String, String> values() {
    Map<String, String> merged = new LinkedHashMap<>();
    for (int i = versions.size() - 1; i >= 0; i--) {
      String text = versions.get(i).content().utf8();
      if (name.isProperties()) {
        merged.putAll(PropertiesText.parse(text).values());
      } else {
        merged.put(NamespaceName.CONTENT, text);
      }
    }
    return merged;
  }

  /** The answer to {@code /configs}: all of it. */
  byte[] whole(String appId) {
    ObjectNode json = head(appId);
    ObjectNode configurations = json.putObject("configurations");
    values().forEach(configurations::put);
    return Answers.bytes(json.put("releaseKey", releaseKey(versions)));
  }

  /** The answer to {@code /configs}: what is other than in an older state. */
  byte[] changes(String appId, Content old) {
    Map<String, String> before = old.values();
    Map<String, String> now = values();
    ObjectNode json = head(appId).put("releaseKey", releaseKey(versions));
    json.put("configSyncType", "IncrementalSync");
    ArrayNode changes = json.putArray("configurationChanges");
    now.forEach(
        (key, value) -> {
          String had = before.get(key);
          if (had == null || !had.equals(value)) {
            change(changes, key, had == null ? "ADDED" : "MODIFIED").put("newValue", value);
          }
        });
    before.keySet().stream()
        .filter(key -> !now.containsKey(key))
        .forEach(key -> change(changes, key, "DELETED"));
    return Answers.bytes(json);
  }

  private static ObjectNode change(ArrayNode changes, String key, String type) {
    return changes.addObject().put("key", key).put("configurationChangeType", type);
  }

  private ObjectNode head(String appId) {
    return Answers.JSON
        .createObjectNode()
        .put("appId", appId)
        .put("cluster", Clusters.cluster(versions.get(0).key().namespace()))
        .put("namespaceName", name.asked());
  }

  /** The answer to {@code /configfiles}: a properties text of all keys. */
  byte[] properties() {
    PropertiesText text = PropertiesText.parse("");
    List<String> lines = new ArrayList<>();
    values().forEach((key, value) -> lines.add(text.with(key, value, null).text()));
    return String.join("", lines).getBytes(StandardCharsets.UTF_8);
  }

  /** The answer to {@code /configfiles/json}. */
  byte[] json() {
    ObjectNode json = Answers.JSON.createObjectNode();
    values().forEach(json::put);
    return Answers.bytes(json);
  }

  /** The answer to {@code /configfiles/raw}: the text itself, where it is one config's. */
  byte[] raw() {
    return name.isProperties() && versions.size() > 1
        ? properties()
        : versions.get(0).content().toByteArray();
  }
}
