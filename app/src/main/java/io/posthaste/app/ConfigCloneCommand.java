package io.posthaste.app;

import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes configs of one namespace in another. */
@Command(
    name = "clone",
    mixinStandardHelpOptions = true,
    description =
        "Publishes the configs of one namespace in another. What is the same there already is left"
            + " alone.",
    footer = {"", "Example: @|bold ./posthaste config clone staging public --dry-run|@"})
final class ConfigCloneCommand implements Runnable {
  @Parameters(index = "0", paramLabel = "FROM", description = "The namespace they are in.")
  private String from = "";

  @Parameters(index = "1", paramLabel = "TO", description = "The namespace they go to.")
  private String to = "";

  @Option(names = "--group", paramLabel = "GROUP", description = "Only this group.")
  private String group = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Only configs of this name; can be given several times.")
  private List<String> names = new ArrayList<>();

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

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    if (from.equals(to)) {
      throw CommandFailure.misuse("from " + from + " to itself (expected: two namespaces)");
    }
    try {
      server.ask(this::copy);
    } catch (MalformedException e) {
      throw CommandFailure.misuse(String.valueOf(e.getMessage()));
    }
  }

  private void copy(Client client) throws IOException, InterruptedException {
    RemoteConfigs configs = new RemoteConfigs(client);
    Set<String> wanted = Set.copyOf(names);
    List<StoredConfig> found = new ArrayList<>();
    configs.each(
        from,
        config -> {
          boolean isOfGroup = group.isEmpty() || config.key().group().equals(group);
          if (isOfGroup && (wanted.isEmpty() || wanted.contains(config.key().name()))) {
            found.add(config.in(to));
          }
          return true;
        });
    if (found.isEmpty()) {
      throw new CommandFailure(
          "the namespace " + from + " has no such configs; nothing was published");
    }
    new ConfigTransfer(
            configs, ConfigImportCommand.policy(policy), dryRun, spec.commandLine().getOut())
        .run(found, "cloned from " + from);
  }
}
