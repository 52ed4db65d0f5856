package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keys by which programs act for somebody. */
@Command(
    name = "key",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Makes keys, by which programs act for a user or service: Authorization: Bearer KEY.",
      "A key is shown once, when it is made; the server keeps a digest of it. It may what its user"
          + " may, until it expires, is revoked, or the user is removed.",
      "With --signing its secret signs requests instead of being sent with them."
    },
    footer = {
      "",
      "Examples:",
      "  @|bold export POSTHASTE_KEY=$(./posthaste key create shop --name checkout --expires 90d)|@",
      "  @|bold ./posthaste key create order-service --signing|@",
      "  @|bold ./posthaste key list|@",
      "  @|bold ./posthaste key revoke NAME|@"
    })
final class KeyCommand {
  private static final String LINE = "%-16s %-24s %-24s %-8s %-25s %s%n";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Makes a key and prints it, alone on standard output. It is not shown again.")
  void create(
      @Parameters(paramLabel = "USER", description = "For whom it acts.") String user,
      @Option(
              names = "--name",
              paramLabel = "TEXT",
              defaultValue = "key",
              description = "What to call it in lists (default: ${DEFAULT-VALUE}).")
          String name,
      @Option(
              names = "--expires",
              paramLabel = "TIME",
              description = "When it ends: in 90d or 12h, or at 2027-01-31T00:00:00Z.")
          @Nullable String expires,
      @Option(
              names = "--signing",
              description = {
                "A key that is not shown, but signs each request (HMAC), as clients of Nacos and"
                    + " Apollo do.",
                "Its secret is kept by the server as it is: signatures are checked by it."
              })
          boolean signing,
      @Mixin OperatorOption server) {
    ObjectNode key = Json.object().put("user", user).put("name", name);
    if (signing) {
      key.put("signing", true);
    }
    if (expires != null) {
      key.put("expires", expiry(expires, Instant.now()));
    }
    server.run(
        operator -> {
          JsonNode made = operator.call("POST", "keys", key);
          PrintWriter err = spec.commandLine().getErr();
          err.println(
              "key "
                  + made.path("key").asText()
                  + " of "
                  + user
                  + (signing
                      ? " signs with this secret; keep it now, it is not shown again:"
                      : "; keep it now, it is not shown again:"));
          err.flush();
          say(made.path("secret").asText());
        });
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the keys, without what proves them.")
  void list(
      @Option(names = "--json", description = "Print each as a line of JSON.") boolean json,
      @Mixin OperatorOption server) {
    server.run(
        operator -> {
          PrintWriter out = spec.commandLine().getOut();
          if (!json) {
            out.printf(LINE, "KEY", "USER", "NAME", "IS", "SINCE", "EXPIRES");
          }
          for (JsonNode key : operator.call("GET", "keys", null).path("keys")) {
            if (json) {
              out.println(Json.write(key));
            } else {
              out.printf(
                  LINE,
                  key.path("key").asText(),
                  key.path("user").asText(),
                  key.path("name").asText(),
                  key.path("signing").asBoolean() ? "signing" : "shown",
                  key.path("created").asText(),
                  key.path("expires").asText("never"));
            }
          }
          out.flush();
        });
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Ends a key, and all that is held open by it.")
  void revoke(
      @Parameters(paramLabel = "KEY", description = "As lists call it; the whole key will do.")
          String key,
      @Mixin OperatorOption server) {
    int end = key.startsWith("ph_") ? key.indexOf('_', 3) : -1;
    String called = end < 0 ? key : key.substring(3, end);
    server.run(
        operator -> {
          operator.call("DELETE", "keys/" + Client.encode(called), null);
          say("key " + called + " was revoked");
        });
  }

  /** A time from now, or one that is spelt out, as RFC 3339 has it. */
  static String expiry(String text, Instant now) {
    if (text.matches("[0-9]{4}-.*")) {
      return text;
    }
    try {
      return now.plus(Settings.time(hours(text))).truncatedTo(ChronoUnit.SECONDS).toString();
    } catch (IllegalArgumentException e) {
      throw CommandFailure.misuse(
          "--expires: " + text + " (expected: 90d, 12h, or a time as 2027-01-31T00:00:00Z)");
    }
  }

  /** A time in days as hours; any other as it is. */
  static String hours(String text) {
    return text.matches("[0-9]{1,5}d")
        ? Long.parseLong(text.substring(0, text.length() - 1)) * 24 + "h"
        : text;
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
