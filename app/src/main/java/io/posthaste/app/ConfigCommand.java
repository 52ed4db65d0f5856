package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Configs, over the native wire: a config is a topic. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ConfigWhoCommand.class, ConfigGrayCommand.class},
    description = "Gets and sets configs, which keep their last versions (docs/config.md).",
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste config set shop.yaml --file shop.yaml --comment 'new prices'|@",
      "  @|bold ./posthaste config history shop.yaml|@",
      "  @|bold ./posthaste config rollback shop.yaml ID|@"
    })
final class ConfigCommand {
  private static final String LINE = "%-28s %-24s %-32s %-12s %s%n";

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Which config. */
  static final class KeyOption {
    @Parameters(
        index = "0",
        paramLabel = "NAME",
        description = "The config's name; Nacos calls it dataId.")
    private String name = "";

    @Option(
        names = "--group",
        paramLabel = "GROUP",
        defaultValue = "DEFAULT_GROUP",
        description = "Its group (default: ${DEFAULT-VALUE}).")
    private String group = "DEFAULT_GROUP";

    @Option(
        names = "--namespace",
        paramLabel = "NAMESPACE",
        defaultValue = ConfigKey.DEFAULT_NAMESPACE,
        description = "Its namespace (default: ${DEFAULT-VALUE}).")
    private String namespace = ConfigKey.DEFAULT_NAMESPACE;

    String topic() {
      return key().topic().name();
    }

    /** As paths have it. */
    String path() {
      return Stream.of(key().namespace(), key().group(), key().name())
          .map(Client::encode)
          .collect(Collectors.joining("/"));
    }

    ConfigKey key() {
      try {
        ConfigKey key = new ConfigKey(namespace, group, name);
        key.topic();
        return key;
      } catch (IllegalArgumentException e) {
        throw CommandFailure.misuse(String.valueOf(e.getMessage()));
      }
    }
  }

  /** What is asked of a server. */
  @FunctionalInterface
  private interface Asking {
    void ask(Client client) throws IOException, InterruptedException;
  }

  private static void run(ServerOption server, Asking asking) {
    Client client = server.client();
    try {
      asking.ask(client);
    } catch (IOException e) {
      throw client.unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  @Command(
      name = "get",
      mixinStandardHelpOptions = true,
      description = "Prints a config's content.")
  void get(
      @Mixin KeyOption key,
      @Option(names = "--id", paramLabel = "ID", description = "An older version, of the history.")
          @Nullable String id,
      @Mixin ServerOption server) {
    run(server, client -> print(content(client, key.topic(), id)));
  }

  private static String content(Client client, String topic, @Nullable String id)
      throws IOException, InterruptedException {
    String path = Client.topicPath(topic) + (id == null ? "" : "?id=" + Client.encode(id));
    try (InputStream body = client.send(client.request(path).build()).body()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Command(
      name = "set",
      mixinStandardHelpOptions = true,
      description = "Publishes a version, read from a file or standard input.")
  void set(
      @Mixin KeyOption key,
      @Option(names = "--file", paramLabel = "FILE", description = "Where it stands.")
          @Nullable Path file,
      @Option(
              names = "--format",
              paramLabel = "FORMAT",
              defaultValue = "text",
              description = "text, json, xml, yaml, html, properties or toml.")
          String format,
      @Option(names = "--comment", paramLabel = "TEXT", description = "Why.")
          @Nullable String comment,
      @Option(
              names = "--if",
              paramLabel = "ID",
              description =
                  "Only if that is still the latest version; none: only if there is none.")
          @Nullable String match,
      @Mixin ServerOption server)
      throws IOException {
    String content =
        file == null ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : read(file);
    ObjectNode headers = Json.object().put("format", format);
    if (comment != null) {
      headers.put("comment", comment);
    }
    run(server, client -> print(publish(client, key.topic(), content, headers, match) + "\n"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new CommandFailure(file + " cannot be read: " + Reasons.of(e));
    }
  }

  /** Publishes a version, with headers, which only a batch can have. */
  private static String publish(
      Client client, String topic, String content, ObjectNode headers, @Nullable String match)
      throws IOException, InterruptedException {
    ObjectNode message =
        Json.object()
            .put("topic", topic)
            .put("type", "text/plain; charset=utf-8")
            .put("data", content);
    message.set("headers", headers.put("md5", Md5.of(Payload.of(content)).toString()));
    if (match != null) {
      message.put("match", match);
    }
    JsonNode outcome =
        client.json(
            client
                .request("/v1/batch")
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(Json.write(message) + "\n"))
                .build());
    if (!outcome.has("id")) {
      throw new CommandFailure("not published: " + outcome.path("detail").asText());
    }
    return outcome.path("id").asText();
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "Lists the kept versions, newest first: id, time, MD5, author, comment.")
  void history(@Mixin KeyOption key, @Mixin ServerOption server) {
    run(
        server,
        client -> {
          JsonNode versions = versions(client, key.topic());
          for (int i = versions.size() - 1; i >= 0; i--) {
            JsonNode version = versions.get(i);
            boolean deleted = version.path("deleted").asBoolean();
            JsonNode headers = version.path("headers");
            print(
                LINE.formatted(
                        version.path("id").asText(),
                        version.path("at").asText(),
                        deleted ? "(deleted)" : headers.path("md5").asText("-"),
                        headers.path("author").asText("-"),
                        headers.path("comment").asText(""))
                    .replaceAll(" +\n", "\n"));
          }
        });
  }

  private static JsonNode versions(Client client, String topic)
      throws IOException, InterruptedException {
    return client
        .json(client.request("/v1/updates?last=1000&topic=" + Client.encode(topic)).build())
        .path("messages");
  }

  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description = "Publishes an older version anew. Deletes nothing.")
  void rollback(
      @Mixin KeyOption key,
      @Parameters(index = "1", paramLabel = "ID", description = "The version, of the history.")
          String id,
      @Mixin ServerOption server) {
    run(
        server,
        client -> {
          for (JsonNode version : versions(client, key.topic())) {
            if (version.path("id").asText().equals(id) && !version.path("deleted").asBoolean()) {
              ObjectNode headers = Json.object();
              if (version.path("headers") instanceof ObjectNode old) {
                headers.setAll(old);
              }
              headers.remove(List.of("author", "address")); // who published that version
              headers.put("comment", "rollback to " + id);
              String content = content(client, key.topic(), id);
              print(publish(client, key.topic(), content, headers, null) + "\n");
              return;
            }
          }
          throw new CommandFailure(
              id
                  + " is no version that can be gone back to (expected: one of ./posthaste config"
                  + " history, not a deletion)");
        });
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Deletes a config; its versions can still be gone back to.")
  void delete(@Mixin KeyOption key, @Mixin ServerOption server) {
    run(
        server,
        client ->
            client
                .send(client.request(Client.topicPath(key.topic())).DELETE().build())
                .body()
                .close());
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the configs of a namespace: group, name and id of the latest version.")
  void list(
      @Option(
              names = "--namespace",
              paramLabel = "NAMESPACE",
              defaultValue = ConfigKey.DEFAULT_NAMESPACE,
              description = "Which (default: ${DEFAULT-VALUE}).")
          String namespace,
      @Mixin ServerOption server) {
    String prefix = ConfigKey.PREFIX + namespace + "/";
    run(
        server,
        client -> {
          String after = "";
          for (boolean more = true; more; ) {
            JsonNode page =
                client.json(
                    client
                        .request("/v1/topics?limit=1000&prefix=" + Client.encode(prefix) + after)
                        .build());
            for (JsonNode topic : page.path("topics")) {
              if (!topic.path("deleted").asBoolean()) {
                String rest = topic.path("topic").asText().substring(prefix.length());
                print(rest.replaceFirst("/", "\t") + "\t" + topic.path("id").asText() + "\n");
              }
            }
            more = page.path("more").asBoolean();
            after = "&after=" + Client.encode(page.path("next").asText());
          }
        });
  }
}
