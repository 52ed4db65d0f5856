package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Md5;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A server's configs as the command line sees them: over the native wire, as a config is a topic.
 */
final class RemoteConfigs {
  /** A page of a namespace is cut by the server where contents are large. */
  private static final int PAGE = 100;

  private final Client client;

  RemoteConfigs(Client client) {
    this.client = client;
  }

  /** What is done with each config that is found. */
  @FunctionalInterface
  interface Visitor {
    /** Whether to go on. */
    boolean visit(StoredConfig config) throws IOException, InterruptedException;
  }

  /** The latest version; empty if there is none. */
  Optional<StoredConfig> latest(ConfigKey key) throws IOException, InterruptedException {
    JsonNode messages = messages("last=1&topic=" + Client.encode(key.topic().name()));
    if (messages.isEmpty()) {
      return Optional.empty();
    }
    StoredConfig found = StoredConfig.of(messages.get(0));
    return found.deleted() ? Optional.empty() : Optional.of(found);
  }

  /** The kept versions, the oldest first. */
  List<StoredConfig> versions(ConfigKey key) throws IOException, InterruptedException {
    List<StoredConfig> versions = new ArrayList<>();
    for (JsonNode message : messages("last=1000&topic=" + Client.encode(key.topic().name()))) {
      versions.add(StoredConfig.of(message));
    }
    return versions;
  }

  private JsonNode messages(String query) throws IOException, InterruptedException {
    return client.json(client.request("/v1/updates?" + query).build()).path("messages");
  }

  /**
   * Visits the configs of a namespace, in the order in which they were last changed.
   *
   * @param namespace which; {@code *} for all
   */
  void each(String namespace, Visitor visitor) throws IOException, InterruptedException {
    String topics = Client.encode(ConfigKey.PREFIX + namespace + "/**");
    String after = "0";
    for (boolean more = true; more; ) {
      JsonNode page =
          client.json(
              client
                  .request(
                      "/v1/updates?only=latest&limit="
                          + PAGE
                          + "&topic="
                          + topics
                          + "&after="
                          + Client.encode(after))
                  .build());
      for (JsonNode message : page.path("messages")) {
        boolean isThere = isConfig(message) && !message.path("deleted").asBoolean();
        if (isThere && !visitor.visit(StoredConfig.of(message))) {
          return;
        }
      }
      more = page.path("more").asBoolean();
      after = page.path("next").asText();
    }
  }

  /** Anybody may publish below config/ under names that are none of configs. */
  private static boolean isConfig(JsonNode message) {
    String[] parts = message.path("topic").asText().split("/", -1);
    try {
      return parts.length == 4
          && new ConfigKey(parts[1], parts[2], parts[3]).namespace().equals(parts[1]);
    } catch (MalformedException e) {
      return false;
    }
  }

  /**
   * Publishes a version.
   *
   * @param match the version that it must replace; {@code none} for none; null for any
   * @return the id of what was published
   * @throws CommandFailure if the server does not take it
   */
  String publish(ConfigKey key, String content, Map<String, String> headers, @Nullable String match)
      throws IOException, InterruptedException {
    ObjectNode message =
        Json.object()
            .put("topic", key.topic().name())
            .put("type", "text/plain; charset=utf-8")
            .put("data", content);
    ObjectNode all = message.putObject("headers");
    headers.forEach(all::put);
    all.put("md5", Md5.of(Payload.of(content)).toString());
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
      throw new CommandFailure(
          key + " was not published: " + outcome.path("detail").asText("no reason was given"));
    }
    return outcome.path("id").asText();
  }
}
