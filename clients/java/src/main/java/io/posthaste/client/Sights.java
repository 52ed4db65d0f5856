package io.posthaste.client;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server which versions of configs are meant for this client: those for all, or gray ones.
 * The server says so; no rule is known here.
 */
final class Sights {
  private static final String PATH = "/v1/configs/";

  private final Http http;
  private final Requests requests;

  Sights(Http http, Requests requests) {
    this.http = http;
    this.requests = requests;
  }

  /** What this client has of a config. */
  static final class Having {
    final ConfigName name;
    final @Nullable String id;
    final @Nullable String md5;

    /**
     * @param id the version; null if it has none
     * @param md5 of the content that it uses; null if it uses none
     */
    Having(ConfigName name, @Nullable String id, @Nullable String md5) {
      this.name = name;
      this.id = id;
      this.md5 = md5;
    }
  }

  /** Which version of a config is meant for this client. */
  static final class Sight {
    final ConfigName name;
    final @Nullable String id; // null if there is none for it
    final boolean isGray;

    private Sight(ConfigName name, @Nullable String id, boolean isGray) {
      this.name = name;
      this.id = id;
      this.isGray = isGray;
    }
  }

  /**
   * Those of which another version is meant for this client than it has. Where there are none, the
   * server waits for a gray version to come, change or go.
   *
   * @param wait for how long at the most
   */
  List<Sight> others(Collection<Having> all, Duration wait) {
    byte[] body = body(all);
    String path = PATH + "sights" + (wait.isZero() ? "" : "?wait=" + wait.toMillis() / 1e3);
    Http.Answer answer =
        requests.send(
            node ->
                http.request(node.http(path))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofByteArray(body)),
            wait);
    return Posthaste.read(answer, 200, read -> sights(JsonObject.parse(read.body)));
  }

  private static byte[] body(Collection<Having> all) {
    return Wire.object(
        json -> {
          json.writeArrayFieldStart("configs");
          for (Having one : all) {
            json.writeStartObject();
            json.writeStringField("config", one.name.toString());
            if (one.id != null) {
              json.writeStringField("id", one.id);
            }
            if (one.md5 != null) {
              json.writeStringField("md5", one.md5);
            }
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private static List<Sight> sights(JsonObject json) throws IOException {
    List<Sight> sights = new ArrayList<>();
    for (JsonObject one : json.objects("changed")) {
      ConfigName name = ConfigName.ofTopic("config/" + one.expect("config"));
      if (name != null) {
        sights.add(new Sight(name, one.text("id"), one.has("gray")));
      }
    }
    return sights;
  }

  /** Tells the server that these are used by now. */
  void had(Collection<Having> all) {
    byte[] body = body(all);
    Http.Answer answer =
        requests.send(
            node ->
                http.request(node.http(PATH + "had"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofByteArray(body)));
    Posthaste.read(answer, 204, done -> true);
  }

  /** The version of a config that is meant for this client; null if there is none, or no longer. */
  @Nullable Config shown(ConfigName name) {
    String path =
        PATH
            + Paths.encode(name.namespace())
            + '/'
            + Paths.encode(name.group())
            + '/'
            + Paths.encode(name.name());
    Http.Answer answer = requests.send(node -> http.request(node.http(path)));
    if (answer.status == 404) {
      return null;
    }
    return Posthaste.read(
        answer,
        200,
        read -> {
          JsonObject json = JsonObject.parse(read.body);
          return Config.of(name, Wire.message(json), json.text("gray", ""));
        });
  }
}
