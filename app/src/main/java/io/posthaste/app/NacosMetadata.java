package io.posthaste.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What an archive of Nacos' says of its configs. Today:
 *
 * <pre>
 *   metadata:
 *   - {group: G, dataId: a.yaml, type: yaml, desc: prices, appName: shop}
 * </pre>
 *
 * and before that a line a config, {@code G.a~yaml.app=shop}.
 */
final class NacosMetadata {
  private static final int LARGEST_CHARS = 4 << 20;

  private NacosMetadata() {}

  /**
   * Reads it.
   *
   * @return headers by {@code GROUP/NAME}
   * @throws CommandFailure if it says something else
   */
  static Map<String, Map<String, String>> read(String yaml) {
    Object read;
    try {
      LoadSettings settings = LoadSettings.builder().setCodePointLimit(LARGEST_CHARS).build();
      if (YamlNesting.isTooDeep(settings, yaml)) {
        throw new CommandFailure(
            ".metadata.yml is nested too deep (expected: metadata: and its items)");
      }
      read = new Load(settings).loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw new CommandFailure(
          ".metadata.yml is not YAML: " + first(String.valueOf(e.getMessage())));
    }
    if (!(read instanceof Map<?, ?> map) || !(map.get("metadata") instanceof List<?> items)) {
      throw new CommandFailure(".metadata.yml has no list (expected: metadata: and its items)");
    }
    Map<String, Map<String, String>> said = new LinkedHashMap<>();
    for (Object item : items) {
      if (item instanceof Map<?, ?> one) {
        Map<String, String> headers = new LinkedHashMap<>();
        String name = text(one, "dataId");
        String type = text(one, "type");
        headers.put("format", type.isEmpty() ? Formats.of(name) : type);
        put(headers, "application", text(one, "appName"));
        put(headers, "description", text(one, "desc"));
        put(headers, "tags", text(one, "configTags"));
        said.put(text(one, "group") + "/" + name, headers);
      }
    }
    return said;
  }

  /** Reads what earlier versions wrote. */
  static Map<String, Map<String, String>> readOld(String lines) {
    Map<String, Map<String, String>> said = new LinkedHashMap<>();
    for (String line : lines.split("\\R")) {
      int equals = line.indexOf('=');
      int group = line.indexOf('.');
      String left = equals < 0 ? "" : line.substring(0, equals);
      if (left.endsWith(".app") && group < left.length() - ".app".length()) {
        String name = left.substring(group + 1, left.length() - ".app".length());
        int tilde = name.lastIndexOf('~'); // stands for the last dot
        String dotted =
            tilde < 0 ? name : name.substring(0, tilde) + "." + name.substring(tilde + 1);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("format", Formats.of(dotted));
        put(headers, "application", line.substring(equals + 1).strip());
        said.put(left.substring(0, group) + "/" + dotted, headers);
      }
    }
    return said;
  }

  private static void put(Map<String, String> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.put(name, value);
    }
  }

  private static String text(Map<?, ?> map, String name) {
    Object value = map.get(name);
    if (value instanceof Map || value instanceof Iterable) { // as a text it may have no end
      throw new CommandFailure(".metadata.yml: " + name + " is no text (expected: one)");
    }
    return value == null ? "" : value.toString();
  }

  private static String first(String message) {
    return message.lines().findFirst().orElse("");
  }

  /** Writes it as Nacos does today. */
  static String write(List<StoredConfig> configs) {
    List<Map<String, String>> items = new ArrayList<>();
    for (StoredConfig config : configs) {
      Map<String, String> item = new LinkedHashMap<>();
      item.put("appName", config.header("application"));
      item.put("configTags", config.header("tags"));
      item.put("dataId", config.key().name());
      item.put("desc", config.header("description"));
      item.put("group", config.key().group());
      item.put("type", config.format());
      items.add(item);
    }
    DumpSettings settings =
        DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setSplitLines(false).build();
    return new Dump(settings).dumpToString(Map.of("metadata", items));
  }
}
