package io.posthaste.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The configuration file, for commands that serve. */
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = "${env:POSTHASTE_CONFIG:-" + Option.NULL_VALUE + "}",
      description = "Read settings from this file too (YAML).")
  private @Nullable Path config;

  /** All that was said about settings: to a command, in the environment, in the file. */
  Configuration read(CommandSpec spec) {
    return read(spec, Map.of());
  }

  /**
   * The same, for a command that has options of its own for some settings.
   *
   * @param given what these say; it goes before everything else
   */
  Configuration read(CommandSpec spec, Map<Setting, List<String>> given) {
    Map<Setting, List<String>> flags = new EnumMap<>(Setting.class);
    ParseResult parsed = spec.commandLine().getParseResult();
    for (Setting setting : Setting.all()) {
      if (parsed.hasMatchedOption(setting.flag())) {
        flags.put(
            setting, new ArrayList<>(texts(parsed.matchedOptionValue(setting.flag(), List.of()))));
      }
    }
    flags.putAll(given);
    return new Configuration(
        flags, System.getenv(), config == null ? Map.of() : ConfigFile.read(config));
  }

  private static List<String> texts(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(value));
  }
}
