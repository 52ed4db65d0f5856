package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Opens a config in an editor and publishes what comes of it. */
@Command(
    name = "edit",
    mixinStandardHelpOptions = true,
    description = {
      "Opens a config in $VISUAL or $EDITOR, shows what was changed, asks, and publishes it: if the"
          + " config is still the one that was opened. What was not published stays in a file."
    },
    footer = {"", "Example: @|bold ./posthaste config edit shop.yaml --comment 'new prices'|@"})
final class ConfigEditCommand implements Runnable {
  @Mixin private ConfigCommand.KeyOption key = new ConfigCommand.KeyOption();

  @Option(
      names = "--editor",
      paramLabel = "COMMAND",
      defaultValue = "${env:VISUAL:-${env:EDITOR:-vi}}",
      description = "What it is opened with (default: $VISUAL, $EDITOR, else vi).")
  private String editor = "vi";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "text, json, xml, yaml, html, properties or toml (default: as before; text for a new one).")
  private @Nullable String format;

  @Option(names = "--comment", paramLabel = "TEXT", description = "Why.")
  private String comment = "";

  @Option(names = "--yes", description = "Publish without asking.")
  private boolean yes;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    server.ask(client -> edit(new RemoteConfigs(client)));
  }

  private void edit(RemoteConfigs configs) throws IOException, InterruptedException {
    ConfigKey wanted = key.key();
    Optional<StoredConfig> before = configs.latest(wanted);
    String old = before.map(StoredConfig::content).orElse("");
    Path file = written(wanted.name().replace(':', '_'), old); // editors know formats by names
    boolean isDone = false;
    try {
      open(file);
      isDone = publish(configs, wanted, before, old, ConfigCommand.read(file));
    } finally {
      if (isDone) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.getParent());
      } else if (Files.exists(file)) {
        spec.commandLine().getErr().println("what you wrote is in " + file);
        spec.commandLine().getErr().flush();
      }
    }
  }

  /** A file of its own for that, which nobody else may read. */
  private static Path written(String name, String content) {
    try {
      return Files.writeString(Files.createTempDirectory("posthaste").resolve(name), content);
    } catch (IOException e) {
      throw new CommandFailure("no temporary file can be written: " + Reasons.of(e));
    }
  }

  private void open(Path file) throws InterruptedException {
    List<String> command =
        Stream.concat(Stream.of(editor.strip().split("\\s+")), Stream.of(file.toString())).toList();
    try {
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new CommandFailure(editor + " ended with " + code + "; nothing was published");
      }
    } catch (IOException e) {
      throw new CommandFailure(
          editor
              + " cannot be started (expected: an editor; name one with --editor, or in the"
              + " environment as EDITOR)");
    }
  }

  /** Whether there is nothing left to be kept of what was written. */
  private boolean publish(
      RemoteConfigs configs,
      ConfigKey wanted,
      Optional<StoredConfig> before,
      String old,
      String content)
      throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (content.equals(old)) {
      out.println("nothing was changed; nothing was published");
      out.flush();
      return true;
    }
    String was = before.map(StoredConfig::id).orElse("(new)");
    TextDiff.unified(wanted + " " + was, old, wanted + " (yours)", content).forEach(out::println);
    out.flush();
    if (!yes && !isWanted(out)) {
      return false;
    }
    Map<String, String> headers = new LinkedHashMap<>();
    before.ifPresent(config -> headers.putAll(config.headers()));
    headers.keySet().removeAll(List.of("author", "address", "comment", "md5"));
    if (format != null) {
      headers.put("format", format);
    }
    if (!comment.isEmpty()) {
      headers.put("comment", comment);
    }
    String id =
        configs.publish(wanted, content, headers, before.map(StoredConfig::id).orElse("none"));
    out.println("published " + id);
    out.flush();
    return true;
  }

  private static boolean isWanted(PrintWriter out) throws IOException {
    out.print("publish this? [y/N] ");
    out.flush();
    String answer =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }
}
