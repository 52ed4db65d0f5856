package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigNamespaces;
import io.posthaste.core.Policy;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Namespaces of configs: what they are for, and how much each may hold. */
@Command(
    name = "namespaces",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Makes, describes, limits and removes namespaces of configs (docs/config-namespaces.md).",
    footer = {
      "",
      "Examples:",
      "  @|bold ./posthaste config namespaces create shop --title 'The shop' --configs 100|@",
      "  @|bold ./posthaste config namespaces quota shop --configs 200 --bytes 5m|@",
      "  @|bold ./posthaste config namespaces list|@"
    })
final class ConfigNamespacesCommand {
  private static final String PATH = "/v1/config-namespaces";
  private static final String LINE = "%-24s %9s %12s %-36s %s%n";
  private static final String NO_LIMIT = "none";

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Which namespace. */
  static final class NameOption {
    @Parameters(index = "0", paramLabel = "NAMESPACE", description = "Its name.")
    private String name = "";

    String path() {
      try {
        ConfigNamespaces.check(name);
        return PATH + "/" + Client.encode(name);
      } catch (IllegalArgumentException e) {
        throw CommandFailure.misuse(String.valueOf(e.getMessage()));
      }
    }
  }

  /** What people call it. */
  static final class TextOption {
    @Option(names = "--title", paramLabel = "TEXT", description = "What people call it.")
    private @Nullable String title;

    @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
    private @Nullable String description;

    void addTo(ObjectNode body) {
      if (title != null) {
        body.put("title", title);
      }
      if (description != null) {
        body.put("description", description);
      }
    }
  }

  /** How much it may hold. */
  static final class QuotaOption {
    @Option(
        names = "--configs",
        paramLabel = "NUMBER",
        description = "How many configs it may hold; none: any number.")
    private @Nullable String configs;

    @Option(
        names = "--bytes",
        paramLabel = "SIZE",
        description = "How large they may be together, as 5m; none: any size.")
    private @Nullable String bytes;

    @Option(
        names = "--bytes-of-one",
        paramLabel = "SIZE",
        description = "How large each may be, as 64k; none: what any config may be.")
    private @Nullable String bytesOfOne;

    boolean isGiven() {
      return configs != null || bytes != null || bytesOfOne != null;
    }

    void addTo(ObjectNode body) {
      ObjectNode quota = body.withObject("/quota");
      add(quota, "configs", "--configs", configs, false);
      add(quota, "bytes", "--bytes", bytes, true);
      add(quota, "bytesOfOne", "--bytes-of-one", bytesOfOne, true);
    }

    private static void add(
        ObjectNode quota, String member, String option, @Nullable String text, boolean isSize) {
      if (text == null) {
        return;
      }
      if (text.equals(NO_LIMIT)) {
        quota.putNull(member);
        return;
      }
      try {
        quota.put(member, isSize ? Policy.bytes(text) : Long.parseLong(text));
      } catch (IllegalArgumentException | ArithmeticException e) {
        String expected = isSize ? "a size such as 64k or 5m" : "a number";
        throw CommandFailure.misuse(
            option + " " + text + " (expected: " + expected + ", or " + NO_LIMIT + ")");
      }
    }
  }

  /** Why. */
  static final class CommentOption {
    @Option(names = "--comment", paramLabel = "TEXT", description = "Why.")
    private @Nullable String comment;

    void addTo(ObjectNode body) {
      if (comment == null) {
        body.remove("comment");
      } else {
        body.put("comment", comment);
      }
    }
  }

  private void print(String text) {
    spec.commandLine().getOut().print(text);
    spec.commandLine().getOut().flush();
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists namespaces, what they hold and what they may hold.")
  void list(
      @Option(names = "--json", description = "Print each as a line of JSON.") boolean json,
      @Mixin ServerOption server) {
    server.ask(
        client -> {
          if (!json) {
            print(LINE.formatted("NAMESPACE", "CONFIGS", "BYTES", "QUOTA", "TITLE"));
          }
          for (JsonNode one : client.json(client.request(PATH).build()).path("namespaces")) {
            print(json ? Json.write(one) + "\n" : line(one));
          }
        });
  }

  private static String line(JsonNode one) {
    String title = one.path("title").asText();
    String description = one.path("description").asText();
    return LINE.formatted(
        one.path("namespace").asText(),
        one.path("configs").asText(),
        one.path("bytes").asText(),
        quota(one.path("quota")),
        title + (title.isEmpty() || description.isEmpty() ? "" : ": ") + description);
  }

  private static String quota(JsonNode quota) {
    StringJoiner limits = new StringJoiner(", ");
    limits.setEmptyValue("-");
    if (quota.path("configs").isNumber()) {
      limits.add(counted(quota.path("configs").asLong()));
    }
    if (quota.path("bytes").isNumber()) {
      limits.add(quota.path("bytes").asText() + " bytes");
    }
    if (quota.path("bytesOfOne").isNumber()) {
      limits.add(quota.path("bytesOfOne").asText() + " each");
    }
    return limits.toString();
  }

  private static String counted(long configs) {
    return configs + (configs == 1 ? " config" : " configs");
  }

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Makes a namespace; one that only has configs becomes one that is made.")
  void create(
      @Mixin NameOption name,
      @Mixin TextOption text,
      @Mixin QuotaOption quota,
      @Mixin CommentOption comment,
      @Mixin ServerOption server) {
    ObjectNode body = Json.object();
    text.addTo(body);
    quota.addTo(body);
    comment.addTo(body);
    server.ask(client -> put(client, name, body, null));
  }

  @Command(
      name = "describe",
      mixinStandardHelpOptions = true,
      description = "Says what people call a namespace and what it is for, as far as it is given.")
  void describe(
      @Mixin NameOption name,
      @Mixin TextOption text,
      @Mixin CommentOption comment,
      @Mixin ServerOption server) {
    if (text.title == null && text.description == null) {
      throw CommandFailure.misuse("nothing to say (expected: --title or --description)");
    }
    server.ask(
        client -> {
          JsonNode before = client.json(client.request(name.path()).build());
          ObjectNode body = said(before);
          text.addTo(body);
          comment.addTo(body);
          put(client, name, body, before);
        });
  }

  @Command(
      name = "quota",
      mixinStandardHelpOptions = true,
      description = "Says how much a namespace may hold, as far as it is given; else prints it.")
  void quota(
      @Mixin NameOption name,
      @Mixin QuotaOption quota,
      @Mixin CommentOption comment,
      @Mixin ServerOption server) {
    quota.addTo(Json.object()); // refuses what is no limit before anything is asked
    server.ask(
        client -> {
          JsonNode before = client.json(client.request(name.path()).build());
          if (!quota.isGiven()) {
            print(quota(before.path("quota")) + "\n");
            return;
          }
          ObjectNode body = said(before);
          quota.addTo(body);
          comment.addTo(body);
          put(client, name, body, before);
        });
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Removes a namespace in which there is no config.")
  void remove(@Mixin NameOption name, @Mixin CommentOption comment, @Mixin ServerOption server) {
    ObjectNode body = Json.object();
    comment.addTo(body);
    server.ask(client -> send(client, client.request(name.path()), "DELETE", body));
  }

  /** What is said of a namespace, to be said again but for what changes. */
  private static ObjectNode said(JsonNode namespace) {
    ObjectNode body = Json.object();
    body.put("title", namespace.path("title").asText());
    body.put("description", namespace.path("description").asText());
    if (namespace.has("quota")) {
      body.set("quota", namespace.path("quota"));
    }
    return body;
  }

  /**
   * Says it if it is still what it was.
   *
   * @param before null if there was nothing
   */
  private void put(Client client, NameOption name, ObjectNode body, @Nullable JsonNode before)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = client.request(name.path());
    String id = before == null ? "" : before.path("id").asText();
    request =
        id.isEmpty()
            ? request.header("If-None-Match", "*")
            : request.header("If-Match", '"' + id + '"');
    send(client, request, "PUT", body);
  }

  private void send(Client client, HttpRequest.Builder request, String method, ObjectNode body)
      throws IOException, InterruptedException {
    request
        .header("Content-Type", "application/json")
        .method(method, BodyPublishers.ofString(Json.write(body)));
    client.send(request.build()).body().close();
  }
}
