package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks for a text in the names and contents of configs. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description =
        "Looks for a text in names, contents, descriptions and tags of the configs of a namespace;"
            + " case does not matter.",
    footer = {"", "Example: @|bold ./posthaste config search jdbc: --namespace '*'|@"})
final class ConfigSearchCommand implements Runnable {
  private static final int LONGEST_LINE = 160;

  @Parameters(index = "0", paramLabel = "TEXT", description = "What is looked for.")
  private String text = "";

  @Option(
      names = "--namespace",
      paramLabel = "NAMESPACE",
      defaultValue = ConfigKey.DEFAULT_NAMESPACE,
      description = "Where; * for all that you may read (default: ${DEFAULT-VALUE}).")
  private String namespace = ConfigKey.DEFAULT_NAMESPACE;

  @Option(names = "--name-only", description = "Look in names only.")
  private boolean nameOnly;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many lines to print at most (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  private int printed;
  private boolean isCut;

  @Override
  public void run() {
    if (text.isEmpty() || limit < 1) {
      throw CommandFailure.misuse(
          "nothing is looked for (expected: a text, and a limit of 1 or more)");
    }
    if (!server.ask(client -> new RemoteConfigs(client).each(namespace, this::visit))) {
      return;
    }
    PrintWriter err = spec.commandLine().getErr();
    if (isCut) {
      err.println("there is more (expected: a longer text, or a higher --limit)");
    } else if (printed == 0) {
      err.println("nothing in the namespace " + namespace + " has it");
    }
    err.flush();
  }

  private boolean visit(StoredConfig config) {
    String name = config.key().toString();
    if (has(config.key().group() + "/" + config.key().name())) {
      print(name);
    }
    if (!nameOnly) {
      for (String header : new String[] {"description", "tags"}) {
        if (has(config.header(header))) {
          print(name + " (" + header + "): " + config.header(header));
        }
      }
      int number = 0;
      for (String line : config.content().split("\n", -1)) {
        number++;
        if (has(line)) {
          String shown =
              line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line;
          print(name + ":" + number + ": " + shown.strip());
        }
      }
    }
    return !isCut;
  }

  private boolean has(String where) {
    return where.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
  }

  private void print(String line) {
    if (printed == limit) {
      isCut = true;
    } else {
      PrintWriter out = spec.commandLine().getOut();
      out.println(line);
      out.flush();
      printed++;
    }
  }
}
