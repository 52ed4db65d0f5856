package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Versions of configs that some instances see before others. */
@Command(
    name = "gray",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Shows versions of a config to some instances before others (docs/gray.md).",
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste config gray start shop.yaml canary --file new.yaml \\|@",
      "  @|bold   --label stage=canary|@",
      "  @|bold ./posthaste config gray start shop.yaml slowly --file new.yaml \\|@",
      "  @|bold   --stages 1,10,100 --every 10m|@",
      "  @|bold ./posthaste config gray list shop.yaml|@",
      "  @|bold ./posthaste config gray promote shop.yaml canary|@"
    })
final class ConfigGrayCommand {
  private static final String LINE = "%-16s %-8s %-8s %-10s %-26s %-34s %s%n";

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Which gray version. */
  static final class GrayOption {
    @Mixin private ConfigCommand.KeyOption key = new ConfigCommand.KeyOption();

    @Parameters(index = "1", paramLabel = "GRAY", description = "The gray version's own name.")
    private String gray = "";

    String path() {
      return grays(key) + "/" + Client.encode(gray);
    }
  }

  private static String grays(ConfigCommand.KeyOption key) {
    return "/v1/configs/" + key.path() + "/gray";
  }

  /** What is said of a change. */
  static final class ChangeOption {
    @Option(names = "--comment", paramLabel = "TEXT", description = "Why.")
    private @Nullable String comment;

    @Option(
        names = "--if",
        paramLabel = "ID",
        description = "Only if that is still what it is; none: only if there is none.")
    private @Nullable String match;

    ObjectNode body() {
      ObjectNode body = Json.object();
      return comment == null ? body : body.put("comment", comment);
    }

    HttpRequest.Builder on(HttpRequest.Builder request) {
      if (match == null) {
        return request;
      }
      return match.equals("none")
          ? request.header("If-None-Match", "*")
          : request.header("If-Match", '"' + match + '"');
    }
  }

  /** Who sees it. */
  static final class RuleOption {
    @Option(
        names = "--ip",
        paramLabel = "ADDRESS",
        split = ",",
        description = "Those at this address, or in a range as 10.0.0.0/8; several with commas.")
    private List<String> addresses = new ArrayList<>();

    @Option(
        names = "--application",
        paramLabel = "NAME",
        split = ",",
        description = "Those of this application.")
    private List<String> applications = new ArrayList<>();

    @Option(
        names = "--label",
        paramLabel = "NAME=VALUE",
        description = "Those with this label; of one label several values, of several all.")
    private List<String> labels = new ArrayList<>();

    @Option(
        names = "--percent",
        paramLabel = "PERCENT",
        description = "So many of those (default: all).")
    private @Nullable String percent;

    @Option(
        names = "--priority",
        paramLabel = "NUMBER",
        description =
            "Of several that would show an instance theirs the highest does (default: 100).")
    private @Nullable Integer priority;

    boolean isGiven() {
      return !addresses.isEmpty()
          || !applications.isEmpty()
          || !labels.isEmpty()
          || percent != null
          || priority != null;
    }

    ObjectNode rule() {
      ObjectNode rule = Json.object();
      if (percent != null) {
        rule.put("percent", percent);
      }
      if (priority != null) {
        rule.put("priority", priority);
      }
      if (!addresses.isEmpty() || !applications.isEmpty() || !labels.isEmpty()) {
        ObjectNode match = rule.putArray("anyOf").addObject();
        addresses.forEach(match.putArray("addresses")::add);
        applications.forEach(match.putArray("applications")::add);
        ObjectNode named = match.putObject("labels");
        labels.forEach(label -> add(named, label));
      }
      return rule;
    }

    private static void add(ObjectNode labels, String label) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw CommandFailure.misuse("--label " + label + " (expected: NAME=VALUE)");
      }
      labels.withArray(label.substring(0, equals)).add(label.substring(equals + 1));
    }
  }

  private void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  @Command(
      name = "start",
      mixinStandardHelpOptions = true,
      description =
          "Shows a version, read from a file or standard input, to some; or gives one that is there"
              + " other content.")
  void start(
      @Mixin GrayOption gray,
      @Option(names = "--file", paramLabel = "FILE", description = "Where it stands.")
          @Nullable Path file,
      @Option(
              names = "--format",
              paramLabel = "FORMAT",
              defaultValue = "text",
              description = "text, json, xml, yaml, html, properties or toml.")
          String format,
      @Mixin RuleOption rule,
      @Option(
              names = "--stages",
              paramLabel = "PERCENT",
              split = ",",
              description = "Percentages that it goes through, rising; at 100 it is promoted.")
          @Nullable List<String> stages,
      @Option(
              names = "--every",
              paramLabel = "TIME",
              description = "How long each stage lasts, as 10m (default: until you step).")
          @Nullable String every,
      @Mixin ChangeOption change,
      @Mixin ServerOption server)
      throws IOException {
    ObjectNode body = change.body();
    body.put("data", ConfigCommand.content(file)).put("format", format);
    if (rule.isGiven()) {
      body.set("rule", rule.rule());
    }
    if (stages != null) {
      ArrayNode list = body.putArray("stages");
      stages.forEach(list::add);
    }
    if (every != null) {
      body.put("everySeconds", seconds(every));
    }
    server.ask(client -> change(client, "PUT", gray.path(), body, change));
  }

  private static long seconds(String every) {
    try {
      long seconds = Settings.time(every).toSeconds();
      if (seconds > 0) {
        return seconds;
      }
    } catch (IllegalArgumentException e) {
      throw CommandFailure.misuse(
          "--every " + every + " (expected: a time such as 90s, 10m or 1h)");
    }
    throw CommandFailure.misuse("--every " + every + " (expected: a second or longer)");
  }

  /** Has a change made, and prints the id that came of it. */
  private void change(
      Client client, String method, String path, ObjectNode body, ChangeOption change)
      throws IOException, InterruptedException {
    HttpRequest request =
        change
            .on(client.request(path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(Json.write(body)))
            .build();
    try (InputStream answer = client.send(request).body()) {
      String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
      if (!text.isEmpty()) {
        print(Json.read(text).path("id").asText() + "\n");
      }
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the gray versions of a config, in the order in which they are asked.")
  void list(@Mixin ConfigCommand.KeyOption key, @Mixin ServerOption server) {
    server.ask(
        client -> {
          JsonNode all = client.json(client.request(grays(key)).build()).path("gray");
          if (!all.isEmpty()) {
            print(LINE.formatted("NAME", "PRIORITY", "PERCENT", "STATE", "NEXT", "MD5", "WHO"));
          }
          for (JsonNode gray : all) {
            JsonNode rule = gray.path("rule");
            print(
                LINE.formatted(
                    gray.path("name").asText(),
                    rule.path("priority").asText(),
                    rule.path("percent").asText(),
                    gray.path("state").asText(),
                    gray.path("next").asText("-"),
                    gray.path("md5").asText(),
                    who(rule.path("anyOf"))));
            if (gray.has("reason")) {
              print(
                  "  " + gray.path("state").asText() + ": " + gray.path("reason").asText() + "\n");
            }
          }
        });
  }

  private static String who(JsonNode anyOf) {
    List<String> matches = new ArrayList<>();
    for (JsonNode match : anyOf) {
      List<String> asked = new ArrayList<>();
      match.path("addresses").forEach(address -> asked.add(address.asText()));
      match.path("applications").forEach(name -> asked.add("application=" + name.asText()));
      for (Map.Entry<String, JsonNode> label : match.path("labels").properties()) {
        label.getValue().forEach(value -> asked.add(label.getKey() + "=" + value.asText()));
      }
      matches.add(String.join(" ", asked));
    }
    return matches.isEmpty() ? "any" : String.join(" or ", matches);
  }

  @Command(
      name = "get",
      mixinStandardHelpOptions = true,
      description = "Prints the content of a gray version.")
  void get(@Mixin GrayOption gray, @Mixin ServerOption server) {
    server.ask(
        client -> print(client.json(client.request(gray.path()).build()).path("data").asText()));
  }

  @Command(
      name = "rule",
      mixinStandardHelpOptions = true,
      description = "Shows a gray version to others.")
  void rule(
      @Mixin GrayOption gray,
      @Mixin RuleOption rule,
      @Mixin ChangeOption change,
      @Mixin ServerOption server) {
    if (!rule.isGiven()) {
      throw CommandFailure.misuse(
          "nobody is named (expected: --ip, --application, --label or --percent)");
    }
    ObjectNode body = change.body();
    body.set("rule", rule.rule());
    server.ask(client -> change(client, "POST", gray.path() + "/rule", body, change));
  }

  @Command(
      name = "step",
      mixinStandardHelpOptions = true,
      description = "Goes to the next stage; at 100 %% it is promoted. One that is held goes on.")
  void step(@Mixin GrayOption gray, @Mixin ChangeOption change, @Mixin ServerOption server) {
    act(gray, "step", change.body(), change, server);
  }

  private void act(
      GrayOption gray, String action, ObjectNode body, ChangeOption change, ServerOption server) {
    server.ask(client -> change(client, "POST", gray.path() + "/" + action, body, change));
  }

  @Command(
      name = "promote",
      mixinStandardHelpOptions = true,
      description = "Makes it the version for all; prints the id of that.")
  void promote(
      @Mixin GrayOption gray,
      @Option(
              names = "--over",
              description = "Also if the config has changed since the gray version was made.")
          boolean over,
      @Mixin ChangeOption change,
      @Mixin ServerOption server) {
    act(gray, "promote", change.body().put("over", over), change, server);
  }

  @Command(
      name = "hold",
      mixinStandardHelpOptions = true,
      description = "Takes no further step by itself.")
  void hold(@Mixin GrayOption gray, @Mixin ChangeOption change, @Mixin ServerOption server) {
    act(gray, "hold", change.body(), change, server);
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Goes on; the stage that it is in begins anew.")
  void resume(@Mixin GrayOption gray, @Mixin ChangeOption change, @Mixin ServerOption server) {
    act(gray, "resume", change.body(), change, server);
  }

  @Command(
      name = "abort",
      mixinStandardHelpOptions = true,
      description = "Takes it from those who have it: they see the version for all again.")
  void abort(@Mixin GrayOption gray, @Mixin ChangeOption change, @Mixin ServerOption server) {
    server.ask(client -> change(client, "DELETE", gray.path(), change.body(), change));
  }
}
