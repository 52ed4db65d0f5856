package io.posthaste.app;

import io.posthaste.bench.BenchCommand;
import io.posthaste.bench.OwnProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 done, 1 failed, 2 asked for wrongly. */
@Command(
    name = "posthaste",
    mixinStandardHelpOptions = true,
    description =
        "Publish once; everyone who waits hears at once, over whatever connection they can hold.",
    synopsisHeading = "Usage: ",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Try it, in three terminals:",
      "  @|bold ./posthaste serve|@",
      "  @|bold ./posthaste subscribe 'news/#'|@",
      "  @|bold echo hello | ./posthaste publish news/today|@",
      "",
      "Help for each command: @|bold ./posthaste help COMMAND|@. Exit codes: 0 done, 1 failed, 2 asked for wrongly."
    })
public final class Posthaste implements Callable<Integer> {
  private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("serve", ServeCommand::new);
    COMMANDS.put("demo", DemoCommand::new);
    COMMANDS.put("publish", PublishCommand::new);
    COMMANDS.put("subscribe", SubscribeCommand::new);
    COMMANDS.put("topics", TopicsCommand::new);
    COMMANDS.put("connections", ConnectionsCommand::new);
    COMMANDS.put("config", ConfigCommand::new);
    COMMANDS.put("user", UserCommand::new);
    COMMANDS.put("key", KeyCommand::new);
    COMMANDS.put("grant", GrantCommand::new);
    COMMANDS.put("token", TokenCommand::new);
    COMMANDS.put("audit", AuditCommand::new);
    COMMANDS.put("backup", BackupCommand::new);
    COMMANDS.put("restore", RestoreCommand::new);
    COMMANDS.put("copy", CopyCommand::new);
    COMMANDS.put("doctor", DoctorCommand::new);
    COMMANDS.put(
        "bench", () -> new BenchCommand(Posthaste::benchServer, Posthaste::tutorialServer));
    COMMANDS.put("version", VersionCommand::new);
    COMMANDS.put("warm-up", WarmUpCommand::new);
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  private Posthaste() {}

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr(), Ansi.AUTO);
    return CommandLine.ExitCode.USAGE;
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(commandLine(arguments).execute(arguments));
  }

  /**
   * The command line for these arguments. To describe all commands takes longer than most of them
   * run, so only the one that is asked for is described; all of them if it is none.
   */
  static CommandLine commandLine(String... arguments) {
    CommandLine line = new CommandLine(new Posthaste());
    String asked = arguments.length == 0 ? "" : arguments[0];
    COMMANDS.forEach(
        (name, command) -> {
          if (name.equals(asked) || !COMMANDS.containsKey(asked)) {
            line.addSubcommand(name, command.get());
          }
        });
    for (String serving : List.of("serve", "demo")) {
      CommandLine command = line.getSubcommands().get(serving);
      if (command != null) {
        ServeCommand.addSettings(command.getCommandSpec());
      }
    }
    CommandLine copy = line.getSubcommands().get("copy");
    if (copy != null) {
      ServeCommand.addSettings(copy.getCommandSpec(), CopyCommand.SETTINGS);
    }
    for (String administering : List.of("user", "key", "grant")) {
      CommandLine command = line.getSubcommands().get(administering);
      if (command != null) {
        for (CommandLine each : command.getSubcommands().values()) {
          ServeCommand.addSettings(each.getCommandSpec(), OperatorOption.SETTINGS);
        }
      }
    }
    CommandLine audit = line.getSubcommands().get("audit");
    if (audit != null) {
      ServeCommand.addSettings(audit.getCommandSpec(), OperatorOption.SETTINGS);
    }
    CommandLine token = line.getSubcommands().get("token");
    if (token != null) {
      ServeCommand.addSettings(token.getCommandSpec(), TokenCommand.SETTINGS);
    }
    if (!COMMANDS.containsKey(asked)) {
      line.addSubcommand(new CommandLine.HelpCommand());
    }
    tellVersion(line);
    line.setExecutionStrategy(new CommandLine.RunLast());
    line.setUsageHelpAutoWidth(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(Posthaste::onFailure);
    line.setParameterExceptionHandler(Posthaste::onMisuse);
    return line;
  }

  /** Has this command, and all below it, answer {@code --version}. */
  private static void tellVersion(CommandLine line) {
    line.getCommandSpec()
        .versionProvider(() -> new String[] {"posthaste " + VersionCommand.version()});
    line.getSubcommands().values().forEach(Posthaste::tellVersion);
  }

  /** A server for {@code bench}: this program with the same flags, HTTP only. */
  private static List<String> benchServer() {
    return OwnProgram.command(
        "serve", "--http", "127.0.0.1:{port}", "--tcp", "off", "--data", "{dir}/data");
  }

  /** One of the servers that {@code bench ladder} compares with; the launcher built them. */
  private static List<String> tutorialServer() {
    Path here = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
    Path jar = here.resolveSibling("../../bench/ladder/target/posthaste-ladder.jar").normalize();
    return Files.exists(jar) ? OwnProgram.jar(jar, "{name}", "--server.port={port}") : List.of();
  }

  private static int onFailure(
      Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
    if (failure instanceof InterruptedException) {
      return 130;
    }
    if (failure instanceof CommandFailure known) {
      complain(line, String.valueOf(failure.getMessage()));
      if (known.isMisuse()) {
        return CommandLine.ExitCode.USAGE;
      }
    } else {
      complain(line, "this should not happen, please report it: " + failure);
      failure.printStackTrace(line.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static int onMisuse(ParameterException misuse, String[] arguments) {
    CommandLine line = misuse.getCommandLine();
    List<String> suggestions =
        misuse instanceof CommandLine.UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    complain(
        line,
        reason(misuse)
            + (suggestions.isEmpty()
                ? " (see: ./"
                : " (did you mean " + suggestions.get(0) + "? see: ./")
            + line.getCommandSpec().qualifiedName()
            + " --help)");
    return CommandLine.ExitCode.USAGE;
  }

  private static String reason(ParameterException misuse) {
    if (misuse instanceof CommandLine.UnmatchedArgumentException unmatched) {
      boolean isCommand = misuse.getCommandLine().getParent() == null;
      return (unmatched.isUnknownOption()
              ? "unknown option '"
              : isCommand ? "unknown command '" : "unexpected argument '")
          + unmatched.getUnmatched().get(0)
          + "'";
    }
    String text = String.valueOf(misuse.getMessage()).replaceFirst("\\.$", "");
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }

  private static void complain(CommandLine line, String message) {
    String name = line.getCommandSpec().qualifiedName(" ");
    line.getErr()
        .println(Ansi.AUTO.text("@|red " + name + ":|@ ") + message.replaceAll("\\R", " "));
    line.getErr().flush();
  }
}
