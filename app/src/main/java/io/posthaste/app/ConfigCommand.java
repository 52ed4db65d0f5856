package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.config.ConfigKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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
    subcommands = {
      ConfigWhoCommand.class,
      ConfigWatchCommand.class,
      ConfigDiffCommand.class,
      ConfigEditCommand.class,
      ConfigSearchCommand.class,
      ConfigImportCommand.class,
      ConfigExportCommand.class,
      ConfigCloneCommand.class,
      ConfigGrayCommand.class,
      ConfigNamespacesCommand.class
    },
    description = "Gets and sets configs, which keep their last versions (docs/config.md).",
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste config set shop.yaml --file shop.yaml --comment 'new prices'|@",
      "  @|bold ./posthaste config history shop.yaml|@",
      "  @|bold ./posthaste config rollback shop.yaml ID|@",
      "  @|bold ./posthaste config who shop.yaml|@"
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

  private void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  @Command(
      name = "get",
      mixinStandardHelpOptions = true,
      description =
          "Prints a config's content: of the version for all, or of the one that is meant for some"
              + " instance.")
  void get(
      @Mixin KeyOption key,
      @Option(names = "--id", paramLabel = "ID", description = "An older version, of the history.")
          @Nullable String id,
      @ArgGroup(exclusive = false) @Nullable AskedFor askedFor,
      @Mixin ServerOption server) {
    if (id != null && askedFor != null) {
      throw CommandFailure.misuse("--id and whom it is meant for (expected: one of both)");
    }
    server.ask(
        client ->
            print(
                askedFor == null
                    ? content(client, key.topic(), id)
                    : askedFor.content(client, key)));
  }

  /** The instance for which a version is meant. */
  static final class AskedFor {
    @Option(
        names = "--label",
        paramLabel = "NAME=VALUE",
        description = "As an instance with this label sees it; several with several of these.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(
        names = "--application",
        paramLabel = "NAME",
        description = "As one of this application sees it.")
    private String application = "";

    @Option(
        names = "--instance",
        paramLabel = "ID",
        description = "As the instance of this id sees it.")
    private String instance = "";

    private String content(Client client, KeyOption key) throws IOException, InterruptedException {
      StringJoiner who = new StringJoiner("&");
      who.add("application=" + Client.encode(application));
      who.add("instance=" + Client.encode(instance));
      labels.forEach(
          (name, value) -> who.add("label." + Client.encode(name) + "=" + Client.encode(value)));
      return client
          .json(
              client
                  .request("/v1/configs/" + key.path())
                  .header("Posthaste-Client", who.toString())
                  .build())
          .path("data")
          .asText();
    }
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
    String content = content(file);
    Map<String, String> headers = new LinkedHashMap<>(Map.of("format", format));
    if (comment != null) {
      headers.put("comment", comment);
    }
    server.ask(
        client ->
            print(new RemoteConfigs(client).publish(key.key(), content, headers, match) + "\n"));
  }

  /** What stands in a file, or comes on standard input if there is none. */
  static String content(@Nullable Path file) throws IOException {
    return file == null ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : read(file);
  }

  /** What stands in a file. */
  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new CommandFailure(file + " cannot be read: " + Reasons.of(e));
    }
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "Lists the kept versions, newest first: id, time, MD5, author, comment.")
  void history(@Mixin KeyOption key, @Mixin ServerOption server) {
    server.ask(
        client -> {
          List<StoredConfig> versions = new RemoteConfigs(client).versions(key.key());
          for (int i = versions.size() - 1; i >= 0; i--) {
            StoredConfig version = versions.get(i);
            print(
                LINE.formatted(
                        version.id(),
                        version.at(),
                        version.deleted()
                            ? "(deleted)"
                            : version.headers().getOrDefault("md5", "-"),
                        version.headers().getOrDefault("author", "-"),
                        version.header("comment"))
                    .replaceAll(" +\n", "\n"));
          }
        });
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
    server.ask(
        client -> {
          RemoteConfigs configs = new RemoteConfigs(client);
          for (StoredConfig version : configs.versions(key.key())) {
            if (version.id().equals(id) && !version.deleted()) {
              Map<String, String> headers = new LinkedHashMap<>(version.headers());
              headers
                  .keySet()
                  .removeAll(List.of("author", "address")); // who published that version
              headers.put("comment", "rollback to " + id);
              print(configs.publish(key.key(), version.content(), headers, null) + "\n");
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
    server.ask(
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
    server.ask(
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
