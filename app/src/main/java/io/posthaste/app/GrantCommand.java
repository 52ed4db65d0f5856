package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Who may what. */
@Command(
    name = "grant",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Lets users and services read and publish. A grant is a right and a pattern of topics:"
          + " read, publish, or administer, which gives both; administer '#' makes an administrator.",
      "In a pattern + is any one segment, # any rest, and {id} the user's own id. USER may be"
          + " anonymous: what is granted to it, anybody may. Taking a grant away ends what is read by"
          + " it, within a second."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste grant add shop publish 'orders/#'|@",
      "  @|bold ./posthaste grant add alice read 'inbox/{id}/#'|@",
      "  @|bold ./posthaste grant add anonymous read 'public/#'|@",
      "  @|bold ./posthaste grant list alice|@"
    })
final class GrantCommand {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Lets somebody do something.")
  void add(
      @Parameters(index = "0", paramLabel = "USER", description = "Whom; or anonymous.")
          String user,
      @Parameters(
              index = "1",
              paramLabel = "RIGHT",
              description = "What: read, publish or administer.")
          String right,
      @Parameters(index = "2", paramLabel = "PATTERN", description = "Which topics.")
          String pattern,
      @Mixin OperatorOption server) {
    change(server, "POST", user, right, pattern, " may now ");
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Takes a grant away, as the list has it.")
  void remove(
      @Parameters(index = "0", paramLabel = "USER", description = "From whom.") String user,
      @Parameters(index = "1", paramLabel = "RIGHT", description = "Which right.") String right,
      @Parameters(index = "2", paramLabel = "PATTERN", description = "Which topics.")
          String pattern,
      @Mixin OperatorOption server) {
    change(server, "DELETE", user, right, pattern, " may no longer ");
  }

  private void change(
      OperatorOption server,
      String method,
      String user,
      String right,
      String pattern,
      String became) {
    ObjectNode grant = Json.object().put("user", user).put("right", right).put("pattern", pattern);
    server.run(
        operator -> {
          operator.call(method, "grants", grant);
          PrintWriter out = spec.commandLine().getOut();
          out.println(user + became + right + " " + pattern);
          out.flush();
        });
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists what is granted, a line each: USER RIGHT PATTERN.")
  void list(
      @Parameters(
              arity = "0..1",
              paramLabel = "USER",
              defaultValue = "",
              description = "Only to this one.")
          String user,
      @Option(names = "--json", description = "Print each as a line of JSON.") boolean json,
      @Mixin OperatorOption server) {
    server.run(
        operator -> {
          PrintWriter out = spec.commandLine().getOut();
          for (JsonNode all : operator.call("GET", "grants", null).path("grants")) {
            String whose = all.path("user").asText();
            for (JsonNode grant : all.path("grants")) {
              if (!user.isEmpty() && !user.equals(whose)) {
                continue;
              }
              String right = grant.path("right").asText();
              String pattern = grant.path("pattern").asText();
              out.println(
                  json
                      ? Json.write(
                          Json.object()
                              .put("user", whose)
                              .put("right", right)
                              .put("pattern", pattern))
                      : whose + "\t" + right + "\t" + pattern);
            }
          }
          out.flush();
        });
  }
}
