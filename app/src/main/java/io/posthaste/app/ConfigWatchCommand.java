package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.config.ConfigKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints each change of configs as it happens, and how it reaches who listens. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description =
        "Prints each change of a config, or of all of a namespace, as it happens, and how soon"
            + " those who listen had it.",
    footer = {"", "Example: @|bold ./posthaste config watch shop.yaml|@"})
final class ConfigWatchCommand implements Runnable {
  private static final int FORBIDDEN = 403;
  private static final long SETTLED_SECONDS = 10;
  private static final long LOOK_MILLIS = 200;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The config's name (default: all).")
  private @Nullable String name;

  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description = "Its group (default: DEFAULT_GROUP, or all if no name is given).")
  private @Nullable String group;

  @Option(
      names = "--namespace",
      paramLabel = "NAMESPACE",
      defaultValue = ConfigKey.DEFAULT_NAMESPACE,
      description = "Its namespace (default: ${DEFAULT-VALUE}).")
  private String namespace = ConfigKey.DEFAULT_NAMESPACE;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "End after so many changes (default: never).")
  private int count = Integer.MAX_VALUE;

  @Mixin private ServerOption server = new ServerOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    server.ask(this::watch);
  }

  private void watch(Client client) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    String groups = group != null ? group : name == null ? "*" : "DEFAULT_GROUP";
    String topics = ConfigKey.PREFIX + namespace + "/" + groups + "/" + (name == null ? "*" : name);
    String query = "/v1/updates?topic=" + Client.encode(topics);
    String next = client.json(client.request(query).build()).path("next").asText();
    out.println("watching " + topics.substring(ConfigKey.PREFIX.length()));
    out.flush();
    for (int left = count; left > 0; ) {
      JsonNode page =
          client.json(client.request(query + "&wait=30&after=" + Client.encode(next)).build());
      next = page.path("next").asText();
      for (JsonNode message : page.path("messages")) {
        if (left-- > 0) {
          print(client, out, StoredConfig.of(message));
        }
      }
      if (out.checkError()) {
        return; // nobody reads us any more
      }
    }
  }

  private void print(Client client, PrintWriter out, StoredConfig change)
      throws IOException, InterruptedException {
    String author = change.header("author");
    String comment = change.header("comment");
    out.printf(
        "%s %s %s%s%s%n",
        change.at(),
        change.key(),
        change.deleted() ? "deleted" : change.id(),
        author.isEmpty() ? "" : " by " + author,
        comment.isEmpty() ? "" : ": " + comment);
    out.println("  " + reached(client, change));
    out.flush();
  }

  /** Waits until all have it, or long enough. */
  private static String reached(Client client, StoredConfig change)
      throws IOException, InterruptedException {
    String path =
        Stream.of(change.key().namespace(), change.key().group(), change.key().name())
            .map(Client::encode)
            .collect(Collectors.joining("/"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLED_SECONDS);
    while (true) {
      JsonNode seen;
      try {
        seen = client.json(client.request("/v1/configs/" + path + "/propagation").build());
      } catch (Client.Refusal refusal) {
        if (refusal.status() != FORBIDDEN) {
          throw refusal;
        }
        return "who has it is told to those who may publish it";
      }
      int all = seen.path("count").asInt();
      int behind = seen.path("behind").asInt();
      if (all == 0) {
        return "nobody is known to listen";
      }
      if (behind == 0) {
        return "all " + all + " have it" + curve(seen, change);
      }
      if (System.nanoTime() >= end) {
        return behind
            + " of "
            + all
            + " do not have it after "
            + SETTLED_SECONDS
            + " s (see: ./posthaste config who "
            + change.key().name()
            + " --behind)";
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static String curve(JsonNode seen, StoredConfig change) {
    for (JsonNode one : seen.path("changes")) {
      JsonNode had = one.path("had");
      if (one.path("id").asText().equals(change.id()) && had.path("count").asInt() > 0) {
        return ": first "
            + had.path("firstMillis").asText()
            + " ms, half "
            + had.path("halfMillis").asText()
            + " ms, 99 % "
            + had.path("p99Millis").asText()
            + " ms, last "
            + had.path("lastMillis").asText()
            + " ms";
      }
    }
    return "";
  }
}
