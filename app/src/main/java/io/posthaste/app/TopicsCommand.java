package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists topics. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Lists the topics that have messages, with the id of the newest.",
    footer = {"", "Example: @|bold ./posthaste topics news/|@"})
final class TopicsCommand implements Runnable {
  @Parameters(
      arity = "0..1",
      paramLabel = "PREFIX",
      description = "Only those whose names begin so.")
  private String prefix = "";

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
    String after = "";
    boolean more = true;
    while (more) {
      JsonNode page =
          client.json(
              client
                  .request("/v1/topics?limit=1000&prefix=" + Client.encode(prefix) + after)
                  .build());
      for (JsonNode topic : page.path("topics")) {
        out.println(
            json
                ? Json.write(topic)
                : topic.path("topic").asText() + "\t" + topic.path("id").asText());
      }
      if (out.checkError()) {
        return; // nobody reads us any more: head, or a closed pipe
      }
      more = page.path("more").asBoolean();
      after = "&after=" + Client.encode(page.path("next").asText());
    }
  }
}
