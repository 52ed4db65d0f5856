package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the configs of a namespace to a file or a folder. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes the configs of a namespace to a zip file that Nacos' console imports too, or to a"
            + " folder, as files GROUP/NAME.",
    footer = {"", "Example: @|bold ./posthaste config export public.zip|@"})
final class ConfigExportCommand implements Runnable {
  @Parameters(
      index = "0",
      paramLabel = "FILE.zip|FOLDER",
      description = "Where to; a zip file if the name ends so.")
  private Path target = Path.of("");

  @Option(
      names = "--namespace",
      paramLabel = "NAMESPACE",
      defaultValue = ConfigKey.DEFAULT_NAMESPACE,
      description = "Which (default: ${DEFAULT-VALUE}).")
  private String namespace = ConfigKey.DEFAULT_NAMESPACE;

  @Option(names = "--group", paramLabel = "GROUP", description = "Only this group.")
  private String group = "";

  @Option(names = "--force", description = "Replace a file that is there already.")
  private boolean force;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    boolean isZip = target.toString().endsWith(".zip");
    if (isZip && !force && Files.exists(target)) {
      throw new CommandFailure(target + " is there already (expected: another name, or --force)");
    }
    SortedMap<ConfigKey, StoredConfig> found = new TreeMap<>(); // one may change meanwhile
    if (!server.ask(client -> collect(client, found))) {
      return;
    }
    List<StoredConfig> configs = List.copyOf(found.values());
    if (configs.isEmpty()) {
      throw new CommandFailure(
          "the namespace " + namespace + " has no such configs; nothing was written");
    }
    if (isZip) {
      ConfigArchive.write(target, configs);
    } else {
      ConfigFolder.write(target, configs);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("written: " + configs.size());
    out.flush();
  }

  private void collect(Client client, Map<ConfigKey, StoredConfig> found)
      throws IOException, InterruptedException {
    new RemoteConfigs(client)
        .each(
            namespace,
            config -> {
              if (group.isEmpty() || config.key().group().equals(group)) {
                found.put(config.key(), config);
              }
              return true;
            });
  }
}
