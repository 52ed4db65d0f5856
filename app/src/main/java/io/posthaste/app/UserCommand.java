package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who is known to the server. */
@Command(
    name = "user",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Makes users and services known to the server. The first one is an administrator; from then on"
          + " nobody may anything that was not granted to him (see: ./posthaste grant --help).",
      "Without --api-key or --as you are whom the data directory belongs to: the server that runs on"
          + " --data does it, or, where none runs, this command itself."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste user add alice|@",
      "  @|bold ./posthaste user add shop --service --no-password|@",
      "  @|bold ./posthaste user list|@"
    })
final class UserCommand {
  private static final String LINE = "%-32s %-8s %-9s %-14s %s%n";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Makes somebody known, and asks for a password.")
  void add(
      @Parameters(paramLabel = "ID", description = "What to call him: letters, digits and -_.@")
          String id,
      @Option(names = "--service", description = "It is a program, not a person.") boolean service,
      @Option(names = "--no-password", description = "He will use keys, tokens or certificates.")
          boolean noPassword,
      @Option(names = "--password-stdin", description = "Read the password from standard input.")
          boolean stdin,
      @Mixin OperatorOption server)
      throws IOException {
    ObjectNode user = Json.object().put("id", id).put("kind", service ? "service" : "user");
    if (!noPassword) {
      user.put("password", newPassword(id, stdin));
    }
    server.run(
        operator -> {
          boolean first = operator.call("POST", "users", user).path("administrator").asBoolean();
          say(
              first
                  ? id
                      + " was added, as the first and so as an administrator. From now on nobody"
                      + " else may anything: see ./posthaste grant --help"
                  : id + " was added, and may nothing yet: see ./posthaste grant --help");
        });
  }

  @Command(
      name = "passwd",
      mixinStandardHelpOptions = true,
      description = "Gives somebody another password; what he holds open by the old one ends.")
  void passwd(
      @Parameters(paramLabel = "ID", description = "Whom.") String id,
      @Option(names = "--password-stdin", description = "Read the password from standard input.")
          boolean stdin,
      @Mixin OperatorOption server)
      throws IOException {
    ObjectNode change = Json.object().put("password", newPassword(id, stdin));
    server.run(
        operator -> {
          operator.call("PUT", "users/" + Client.encode(id), change);
          say("the password of " + id + " was changed");
        });
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Forgets somebody, with his keys and grants; all that he holds open ends.")
  void remove(
      @Parameters(paramLabel = "ID", description = "Whom.") String id,
      @Mixin OperatorOption server) {
    server.run(
        operator -> {
          operator.call("DELETE", "users/" + Client.encode(id), null);
          say(id + " was removed");
        });
  }

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists who is known.")
  void list(
      @Option(names = "--json", description = "Print each as a line of JSON.") boolean json,
      @Mixin OperatorOption server) {
    server.run(
        operator -> {
          PrintWriter out = spec.commandLine().getOut();
          if (!json) {
            out.printf(LINE, "ID", "KIND", "PASSWORD", "ADMINISTRATOR", "SINCE");
          }
          for (JsonNode user : operator.call("GET", "users", null).path("users")) {
            if (json) {
              out.println(Json.write(user));
            } else {
              out.printf(
                  LINE,
                  user.path("id").asText(),
                  user.path("kind").asText(),
                  user.path("password").asBoolean() ? "yes" : "no",
                  user.path("administrator").asBoolean() ? "yes" : "no",
                  user.path("created").asText());
            }
          }
          out.flush();
        });
  }

  private static String newPassword(String id, boolean stdin) throws IOException {
    if (stdin) {
      // Not closed: it is the process's.
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      if (line == null || line.isEmpty()) {
        throw CommandFailure.misuse("--password-stdin: no line came (expected: the password)");
      }
      return line;
    }
    if (System.console() == null) {
      throw CommandFailure.misuse(
          "there is no terminal to ask for a password at (expected: --password-stdin, or"
              + " --no-password)");
    }
    String password = OperatorOption.password("New password of " + id + ": ");
    if (!password.equals(OperatorOption.password("The same again: "))) {
      throw new CommandFailure("the two passwords differ (expected: the same twice)");
    }
    return password;
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
