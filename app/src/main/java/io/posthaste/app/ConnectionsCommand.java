package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists who is connected. */
@Command(
    name = "connections",
    mixinStandardHelpOptions = true,
    description = "Lists who is connected, on all servers that share the log.",
    footer = {"", "Example: @|bold ./posthaste connections --topic 'news/#' --door sse|@"})
final class ConnectionsCommand implements Runnable {
  private static final String LINE = "%-28s %-7s %-24s %-22s %6s  %s%n";

  @Option(
      names = "--topic",
      paramLabel = "PATTERN",
      description = "Only those that read something of this topic or pattern.")
  private String topic = "";

  @Option(
      names = "--door",
      paramLabel = "DOOR",
      description = "Only those by poll, sse, ndjson, iframe, ws, tcp or http.")
  private String door = "";

  @Option(names = "--node", paramLabel = "NAME", description = "Only those of this server.")
  private String node = "";

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
    String query = "/v1/connections?limit=1000" + given("topic", topic.replaceAll("#$", "**"));
    query += given("door", door) + given("node", node);
    String after = "";
    JsonNode page = client.json(client.request(query).build());
    JsonNode first = page;
    if (!json) {
      out.printf(LINE, "NODE", "DOOR", "SINCE", "CLIENT", "TOPICS", "READS, AND WHO");
    }
    while (true) {
      page.path("connections").forEach(connection -> print(out, connection));
      if (out.checkError()) {
        return; // nobody reads us any more: head, or a closed pipe
      }
      if (!page.path("more").asBoolean()) {
        break;
      }
      after = "&after=" + Client.encode(page.path("next").asText());
      page = client.json(client.request(query + after).build());
    }
    sum(first);
  }

  private static String given(String name, String value) {
    return value.isEmpty() ? "" : "&" + name + "=" + Client.encode(value);
  }

  private void print(PrintWriter out, JsonNode connection) {
    if (json) {
      out.println(Json.write(connection));
      return;
    }
    List<String> words = new ArrayList<>();
    connection.path("topics").forEach(topic -> words.add(topic.asText()));
    if (connection.path("topicCount").asInt() > words.size()) {
      words.add("…");
    }
    for (JsonNode who : connection.path("presences")) {
      words.add(
          "%s/%s@%s"
              .formatted(
                  who.path("as").asText(),
                  who.path("device").asText(),
                  who.path("place").asText()));
    }
    out.printf(
        LINE,
        connection.path("node").asText(),
        connection.path("door").asText(),
        connection.path("since").asText(),
        connection.path("client").asText(),
        connection.path("topicCount").asText(),
        String.join(" ", words));
  }

  /** Where they are, and who did not say, for people; JSON stays JSON. */
  private void sum(JsonNode page) {
    PrintWriter err = spec.commandLine().getErr();
    if (!json) {
      for (JsonNode of : page.path("nodes")) {
        err.println(of.path("node").asText() + ": " + of.path("connections").asText());
      }
    }
    for (JsonNode of : page.path("silent")) {
      err.println(of.path("node").asText() + ": not known, " + of.path("why").asText());
    }
    err.flush();
  }
}
