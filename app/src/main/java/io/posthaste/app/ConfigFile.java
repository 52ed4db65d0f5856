package io.posthaste.app;

import io.posthaste.app.Configuration.Given;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads a configuration file: YAML, a setting a line.
 *
 * <pre>
 *   http: 127.0.0.1:8080
 *   disk-limit: 20g
 *   keep:
 *     logs/#: count:100000,age:1d
 *     - or a list of 'PATTERN=SETTINGS'
 * </pre>
 *
 * <p>What it does not know it refuses, with the line and the nearest right name.
 */
final class ConfigFile {
  private static final long LARGEST_BYTES = 1 << 20;

  private final String name;
  private final Map<Setting, List<Given>> values = new EnumMap<>(Setting.class);

  private ConfigFile(String name) {
    this.name = name;
  }

  /**
   * Reads one.
   *
   * @throws CommandFailure if it cannot be read or says what makes no sense
   */
  static Map<Setting, List<Given>> read(Path path) {
    String text;
    try {
      if (Files.size(path) > LARGEST_BYTES) {
        throw CommandFailure.misuse(
            path + " is larger than 1 MiB (expected: a configuration file)");
      }
      text = Files.readString(path, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw CommandFailure.misuse(path + " does not exist (expected: a configuration file)");
    } catch (IOException e) {
      throw CommandFailure.misuse(path + " cannot be read: " + Reasons.of(e));
    }
    return parse(path.toString(), text);
  }

  /**
   * Understands the text of one.
   *
   * @param name what messages call it
   * @throws CommandFailure if it says what makes no sense
   */
  static Map<Setting, List<Given>> parse(String name, String text) {
    ConfigFile file = new ConfigFile(name);
    file.parse(text);
    return file.values;
  }

  private void parse(String text) {
    Optional<Node> root;
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(name).build();
      if (YamlNesting.isTooDeep(settings, text)) {
        throw CommandFailure.misuse(
            name + " is nested too deep (expected: lines such as \"http: 127.0.0.1:8080\")");
      }
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      throw CommandFailure.misuse(
          name
              + ":"
              + line
              + ": "
              + e.getProblem()
              + " (expected: YAML, as in \"http: 127.0.0.1:8080\")");
    } catch (YamlEngineException e) {
      throw CommandFailure.misuse(name + ": " + e.getMessage());
    }
    if (root.isEmpty()) {
      return;
    }
    if (!(root.get() instanceof MappingNode settings)) {
      throw wrong(
          root.get(),
          "the file is no list of settings (expected: lines such as \"http: 127.0.0.1:8080\")");
    }
    for (NodeTuple entry : settings.getValue()) {
      String key = scalar(entry.getKeyNode());
      Setting setting =
          Setting.ofKey(key)
              .orElseThrow(
                  () ->
                      wrong(
                          entry.getKeyNode(),
                          "unknown setting "
                              + key
                              + " (nearest: "
                              + Setting.nearest(key).key()
                              + ")"));
      if (values.put(setting, given(setting, entry.getValueNode())) != null) {
        throw wrong(entry.getKeyNode(), key + " is set twice (expected: once)");
      }
    }
  }

  private List<Given> given(Setting setting, Node node) {
    List<Given> given = new ArrayList<>();
    if (node instanceof SequenceNode list && setting.kind() == Setting.Kind.LIST) {
      list.getValue().forEach(item -> given.add(new Given(scalar(item), where(item))));
    } else if (node instanceof MappingNode rules && setting == Setting.KEEP) {
      for (NodeTuple rule : rules.getValue()) {
        given.add(
            new Given(
                scalar(rule.getKeyNode()) + "=" + scalar(rule.getValueNode()),
                where(rule.getKeyNode())));
      }
    } else if (node instanceof ScalarNode) {
      given.add(new Given(scalar(node), where(node)));
    } else {
      throw wrong(node, setting.key() + " takes one value (expected: " + setting.label() + ")");
    }
    return List.copyOf(given);
  }

  private String scalar(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw wrong(node, "this is a structure (expected: a plain value)");
  }

  private String where(Node node) {
    return name + ":" + line(node);
  }

  private CommandFailure wrong(Node node, String what) {
    return CommandFailure.misuse(where(node) + ": " + what);
  }

  private static int line(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }
}
