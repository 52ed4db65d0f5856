package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what differs between two versions of a config. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description =
        "Shows what the latest change of a config changed; or what differs between two versions,"
            + " from a file, or from another namespace's.",
    footer = {
      "",
      "Exit code: 0 if nothing differs, 1 if something does.",
      "Example: @|bold ./posthaste config diff shop.yaml --against-namespace staging|@"
    })
final class ConfigDiffCommand implements Callable<Integer> {
  @Mixin private ConfigCommand.KeyOption key = new ConfigCommand.KeyOption();

  @Option(names = "--from", paramLabel = "ID", description = "The version that is compared with.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "ID",
      description = "The version that is looked at (default: the latest).")
  private @Nullable String to;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Compare the latest with what stands in a file.")
  private @Nullable Path file;

  @Option(
      names = "--against-namespace",
      paramLabel = "NAMESPACE",
      description = "Compare with the config of the same group and name there.")
  private @Nullable String other;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    if ((file == null ? 0 : 1) + (other == null ? 0 : 1) + (from == null ? 0 : 1) > 1) {
      throw CommandFailure.misuse(
          "--from, --file and --against-namespace say three different things to compare with"
              + " (expected: one of them)");
    }
    Client client = server.client();
    try {
      return print(differences(new RemoteConfigs(client)));
    } catch (MalformedException e) {
      throw CommandFailure.misuse(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw client.unreachable(e);
    }
  }

  private List<String> differences(RemoteConfigs configs) throws IOException, InterruptedException {
    ConfigKey wanted = key.key();
    String name = wanted.group() + "/" + wanted.name();
    Path local = file;
    if (local != null) {
      String there = to == null ? content(configs.latest(wanted)) : version(configs, to).content();
      return TextDiff.unified(name, there, local.toString(), ConfigCommand.read(local));
    }
    String namespace = other;
    if (namespace != null) {
      ConfigKey second = new ConfigKey(namespace, wanted.group(), wanted.name());
      return TextDiff.unified(
          second.toString(),
          content(configs.latest(second)),
          wanted.toString(),
          to == null ? content(configs.latest(wanted)) : version(configs, to).content());
    }
    List<StoredConfig> versions = configs.versions(wanted);
    if (versions.isEmpty()) {
      throw new CommandFailure(absent(wanted));
    }
    int last = to == null ? versions.size() - 1 : place(versions, to);
    int first = from == null ? last - 1 : place(versions, from);
    return TextDiff.unified(
        name + " " + (first < 0 ? "(before)" : versions.get(first).id()),
        first < 0 ? "" : versions.get(first).content(),
        name + " " + versions.get(last).id(),
        versions.get(last).content());
  }

  private static String content(Optional<StoredConfig> found) {
    return found.map(StoredConfig::content).orElse("");
  }

  private StoredConfig version(RemoteConfigs configs, String id)
      throws IOException, InterruptedException {
    List<StoredConfig> versions = configs.versions(key.key());
    return versions.get(place(versions, id));
  }

  private static int place(List<StoredConfig> versions, String id) {
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i).id().equals(id)) {
        return i;
      }
    }
    throw new CommandFailure(
        id + " is no version that is kept (expected: one of ./posthaste config history)");
  }

  static String absent(ConfigKey key) {
    return "there is no config "
        + key
        + " (expected: one of ./posthaste config list --namespace "
        + key.namespace()
        + ")";
  }

  private int print(List<String> lines) {
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
    return lines.isEmpty() ? 0 : 1;
  }
}
