package io.posthaste.app;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What was given for each setting and where: flags before environment before file before defaults.
 * Immutable.
 */
final class Configuration {
  /**
   * A value as it was written.
   *
   * @param text the value
   * @param where who said it: an option, a variable, a file's line, or {@code default}
   */
  record Given(String text, String where) {}

  private static final String DEFAULT = "default";

  private final Map<Setting, List<Given>> values = new EnumMap<>(Setting.class);

  /**
   * Merges.
   *
   * @param flags what the command line says
   * @param environment variables, other programs' included
   * @param file what the configuration file says, empty without one
   */
  Configuration(
      Map<Setting, List<String>> flags,
      Map<String, String> environment,
      Map<Setting, List<Given>> file) {
    for (Setting setting : Setting.all()) {
      List<String> flag = flags.getOrDefault(setting, List.of());
      String variable = environment.get(setting.variable());
      if (!flag.isEmpty()) {
        values.put(setting, given(flag, setting.flag()));
      } else if (variable != null && !variable.isEmpty()) {
        values.put(setting, given(split(setting, variable), setting.variable()));
      } else if (file.containsKey(setting)) {
        values.put(setting, file.get(setting));
      } else {
        String fallback = setting.fallback();
        values.put(setting, fallback.isEmpty() ? List.of() : given(List.of(fallback), DEFAULT));
      }
    }
  }

  private static List<Given> given(List<String> texts, String where) {
    return texts.stream().map(text -> new Given(text, where)).toList();
  }

  private static List<String> split(Setting setting, String variable) {
    return setting.kind() == Setting.Kind.LIST
        ? Arrays.stream(variable.split(";")).map(String::trim).filter(s -> !s.isEmpty()).toList()
        : List.of(variable);
  }

  /** What applies, in order; one value unless the setting is a list. */
  List<Given> of(Setting setting) {
    return values.getOrDefault(setting, List.of());
  }

  /** As a configuration file would say it, with each value's origin as a comment. */
  String print() {
    return Setting.all().stream().map(this::print).collect(Collectors.joining());
  }

  private String print(Setting setting) {
    List<Given> given = of(setting);
    if (setting.kind() != Setting.Kind.LIST) {
      return setting.key()
          + ": "
          + quote(given.get(0).text())
          + "  # "
          + given.get(0).where()
          + "\n";
    }
    if (given.isEmpty()) {
      return setting.key() + ": []  # " + DEFAULT + "\n";
    }
    return setting.key()
        + ":\n"
        + given.stream()
            .map(value -> "  - " + quote(value.text()) + "  # " + value.where() + "\n")
            .collect(Collectors.joining());
  }

  private static String quote(String text) {
    return text.matches("[A-Za-z0-9/._][A-Za-z0-9/._:=,+-]*") && !text.endsWith(":")
        ? text
        : "'" + text.replace("'", "''") + "'";
  }
}
