package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints who changed what. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Prints who changed who may what, from where, by which door and when; and how often somebody"
          + " could not prove who he said he was. Each is a message of the topic $audit/access, which"
          + " administrators may read by any technique."
    },
    footer = {"", "Example: @|bold ./posthaste audit --last 20 --follow|@"})
final class AuditCommand implements Runnable {
  private static final String PATH = "/v1/updates?topic=%24audit%2Faccess";
  private static final Set<String> SAID = Set.of("what", "by", "from", "door");

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "100",
      description = "The newest so many, 1,000 at most (default: ${DEFAULT-VALUE}).")
  private int last = 100;

  @Option(names = "--follow", description = "Go on with what comes.")
  private boolean follow;

  @Option(names = "--json", description = "Print each message as a line of JSON.")
  private boolean json;

  @Mixin private OperatorOption server = new OperatorOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    server.run(
        operator -> {
          Client client = operator.client();
          JsonNode page = page(client, "&limit=1000&last=" + last);
          while (print(page) && follow) {
            page = page(client, "&wait=30&after=" + Client.encode(page.path("next").asText()));
          }
        });
  }

  private static JsonNode page(Client client, String query)
      throws IOException, InterruptedException {
    return client.json(client.request(PATH + query).build());
  }

  /** Whether there is still somebody who reads. */
  private boolean print(JsonNode page) {
    PrintWriter out = spec.commandLine().getOut();
    for (JsonNode message : page.path("messages")) {
      out.println(json ? Json.write(message) : line(message));
    }
    return !out.checkError();
  }

  private static String line(JsonNode message) {
    JsonNode entry = message.path("data");
    StringJoiner line = new StringJoiner(" ");
    line.add(message.path("at").asText());
    line.add("%-14s".formatted(entry.path("what").asText()));
    if (entry.has("by")) {
      line.add("by=" + entry.path("by").asText());
      line.add("from=" + entry.path("from").asText("here"));
      line.add("door=" + entry.path("door").asText());
    }
    for (Map.Entry<String, JsonNode> field : entry.properties()) {
      if (!SAID.contains(field.getKey()) || field.getValue().isObject()) {
        JsonNode value = field.getValue();
        // As JSON where it holds what could be taken for more than it is.
        boolean plain = value.isTextual() && value.asText().matches("[\\p{L}\\p{N}._@:/#+{}$-]+");
        line.add(field.getKey() + "=" + (plain ? value.asText() : Json.write(value)));
      }
    }
    return line.toString();
  }
}
