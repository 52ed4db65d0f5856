package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists who listens to a config, and which version each has. */
@Command(
    name = "who",
    mixinStandardHelpOptions = true,
    description =
        "Lists who listens to a config and which version each has, on all servers that share the"
            + " log (docs/config-who.md).",
    footer = {"", "Example: @|bold ./posthaste config who shop.yaml --behind|@"})
final class ConfigWhoCommand implements Runnable {
  private static final String LINE = "%-24s %-16s %-14s %-7s %-24s %-8s %-9s %s%n";

  @Mixin private ConfigCommand.KeyOption key = new ConfigCommand.KeyOption();

  @Option(names = "--behind", description = "Only those who have not what they should have.")
  private boolean behind;

  @Option(names = "--json", description = "Print each as a line of JSON.")
  private boolean json;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    server.ask(this::list);
  }

  private void list(Client client) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    String query =
        "/v1/configs/" + key.path() + "/instances?limit=1000" + (behind ? "&behind=true" : "");
    String after = "";
    JsonNode page = client.json(client.request(query).build());
    JsonNode first = page;
    if (!json) {
      out.printf(
          LINE, "INSTANCE", "APPLICATION", "CLIENT", "DOOR", "VERSION", "BEHIND", "AFTER", "SINCE");
    }
    while (true) {
      page.path("instances").forEach(one -> print(out, one));
      if (out.checkError() || !page.path("more").asBoolean()) {
        break; // nobody reads us any more: head, or a closed pipe
      }
      after = "&after=" + Client.encode(page.path("next").asText());
      page = client.json(client.request(query + after).build());
    }
    sum(first);
  }

  private void print(PrintWriter out, JsonNode one) {
    if (json) {
      out.println(Json.write(one));
      return;
    }
    JsonNode has = one.path("has");
    boolean isCurrent = one.path("current").asBoolean();
    String name = one.path("instance").asText(one.path("address").asText());
    out.printf(
        LINE,
        name,
        one.path("application").asText("-"),
        one.path("client").asText("-"),
        one.path("door").asText(),
        has.path("id").asText(has.has("md5") ? "(another)" : "(none)"),
        isCurrent ? "-" : has.has("behindBy") ? "by " + has.path("behindBy").asText() : "yes",
        has.has("afterMillis") ? has.path("afterMillis").asText() + " ms" : "-",
        ago(has.path("at").asText()));
  }

  /** For how long it has had it, by this machine's clock. */
  private static String ago(String at) {
    long seconds = Math.max(0, Duration.between(Instant.parse(at), Instant.now()).toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    long minutes = seconds / 60;
    if (minutes < 120) {
      return minutes + " min";
    }
    return minutes < 48 * 60 ? minutes / 60 + " h" : minutes / 60 / 24 + " d";
  }

  private void sum(JsonNode page) {
    PrintWriter err = spec.commandLine().getErr();
    if (!json) {
      int count = page.path("count").asInt();
      int late = page.path("behind").asInt();
      err.println(
          count == 0
              ? "nobody is known to listen to " + page.path("config").asText()
              : count + (count == 1 ? " instance, " : " instances, ") + late + " behind");
    }
    if (page.path("notKept").asLong() > 0) {
      err.println(
          "not all are known: there was no room for "
              + page.path("notKept").asText()
              + " (expected: more heap, or fewer configs an instance)");
    }
    for (JsonNode of : page.path("silent")) {
      err.println(of.path("node").asText() + ": not known, " + of.path("why").asText());
    }
    err.flush();
  }
}
