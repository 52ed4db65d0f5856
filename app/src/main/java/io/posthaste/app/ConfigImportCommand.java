package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes the configs of a file or a folder. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description =
        "Publishes the configs of an export of Nacos' or Apollo's, or of a folder with files"
            + " GROUP/NAME, such as a checkout. What is the same already is left alone.",
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste config import nacos_config_export.zip --dry-run|@",
      "  @|bold ./posthaste config import configs/ --policy overwrite --watch|@"
    })
final class ConfigImportCommand implements Runnable {
  @Parameters(
      index = "0",
      paramLabel = "FILE.zip|FOLDER",
      description = "Where they are. Of a folder, names that begin with a dot are not looked at.")
  private Path source = Path.of("");

  @Option(
      names = "--namespace",
      paramLabel = "NAMESPACE",
      description =
          "Where to (default: public; of an export of Apollo's: where each config's cluster says).")
  private @Nullable String namespace;

  @Option(
      names = "--env",
      paramLabel = "ENV",
      description = "Which environment of an export of Apollo's.")
  private @Nullable String env;

  @Option(
      names = "--policy",
      paramLabel = "abort|skip|overwrite",
      defaultValue = "abort",
      description =
          "What becomes of configs that are there already and say something else: abort publishes"
              + " nothing then, skip keeps them, overwrite replaces them (default: ${DEFAULT-VALUE}).")
  private String policy = "abort";

  @Option(names = "--dry-run", description = "Only say what would be published.")
  private boolean dryRun;

  @Option(
      names = "--watch",
      description =
          "Go on looking at the folder, each two seconds, and publish what changes in it. What is"
              + " taken out of it stays published.")
  private boolean watch;

  @Option(
      names = "--comment",
      paramLabel = "TEXT",
      description = "Why, for the history (default: where it came from).")
  private @Nullable String comment;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    boolean isFolder = Files.isDirectory(source);
    if (watch && (!isFolder || dryRun)) {
      throw CommandFailure.misuse("--watch is for a folder, and without --dry-run");
    }
    if (watch && policy(policy) != ConfigTransfer.Policy.OVERWRITE) {
      throw CommandFailure.misuse(
          "--watch publishes what changes in the folder (expected: --policy overwrite with it)");
    }
    if (!Files.exists(source)) {
      throw new CommandFailure(source + " is not there (expected: a zip file or a folder)");
    }
    server.ask(client -> publish(client, isFolder));
  }

  private void publish(Client client, boolean isFolder) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    ConfigTransfer transfer =
        new ConfigTransfer(new RemoteConfigs(client), policy(policy), dryRun, out);
    String reason = comment == null ? "imported from " + source.getFileName() : comment;
    List<StoredConfig> configs = read(isFolder);
    transfer.run(configs, reason);
    if (watch) {
      out.println("watching " + source);
      out.flush();
      FolderWatch.each(
          Duration.ofSeconds(2),
          configs,
          () -> read(true),
          changed -> transfer.run(changed, reason));
    }
  }

  private List<StoredConfig> read(boolean isFolder) {
    try {
      return isFolder
          ? ConfigFolder.read(source, namespace == null ? ConfigKey.DEFAULT_NAMESPACE : namespace)
          : ConfigArchive.read(source, namespace, env);
    } catch (MalformedException e) {
      throw CommandFailure.misuse(String.valueOf(e.getMessage()));
    }
  }

  static ConfigTransfer.Policy policy(String text) {
    try {
      return ConfigTransfer.Policy.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw CommandFailure.misuse("--policy " + text + " (expected: abort, skip or overwrite)");
    }
  }
}
