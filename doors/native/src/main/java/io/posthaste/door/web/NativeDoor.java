package io.posthaste.door.web;

import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Policies;
import io.posthaste.core.Policy;
import io.posthaste.core.Presence;
import io.posthaste.server.Connections;
import io.posthaste.server.Handler;
import io.posthaste.server.Route;
import java.util.List;

/**
 * The native wire over HTTP and WebSocket, as {@code docs/wire.md} specifies it: whatever begins
 * with {@code /v1/}. Thread-safe.
 */
public final class NativeDoor implements AutoCloseable {
  private static final int LEAST_BATCH_BYTES = 8 << 20;
  private static final int JSON_ROOM_BYTES = 64 << 10;

  private final Hub hub;
  private final NativeOptions options;
  private final Presence presence;
  private final Connections connections;
  private final FormsByShard forms;

  /** A door onto a hub, with the default limits. */
  public NativeDoor(Hub hub, Presence presence, Connections connections) {
    this(hub, presence, connections, NativeOptions.DEFAULT);
  }

  /**
   * A door onto a hub.
   *
   * @param presence of whoever comes by any door; stays the caller's
   * @param connections of all doors and nodes; stay the caller's
   */
  public NativeDoor(Hub hub, Presence presence, Connections connections, NativeOptions options) {
    this.presence = presence;
    this.connections = connections;
    this.hub = hub;
    this.options = options;
    this.forms = new FormsByShard(new MessageJson(hub.epoch()));
  }

  /** Who answers where, for the server's router. */
  public List<Route> routes() {
    TopicHandler topic = new TopicHandler(hub, options, forms);
    ConsumersHandler consumers = new ConsumersHandler(hub);
    int payload = largestPayload(hub.log().policies());
    // A payload grows in JSON: by a third as base64, more where much of it must be escaped.
    int json = payload + payload / 2 + JSON_ROOM_BYTES;
    return List.of(
        Route.at("/v1/updates")
            .on("GET", refusing(new UpdatesHandler(hub, options, forms, presence)))
            .maxBody(json),
        Route.at("/v1/connections").on("GET", refusing(new ConnectionsHandler(connections))),
        Route.at("/v1/topics").on("GET", refusing(new TopicsHandler(hub))),
        Route.under(TopicHandler.PATH)
            .on("GET", refusing(topic::look))
            .on("POST", refusing(topic::publish))
            .on("DELETE", refusing(topic::delete))
            .maxBody(payload),
        Route.at("/v1/batch")
            .on("POST", refusing(new BatchHandler(hub, options)))
            .maxBody(Math.max(LEAST_BATCH_BYTES, json)),
        Route.under(ConsumersHandler.PATH)
            .on("GET", refusing(consumers::place))
            .on("POST", refusing(consumers::ack))
            .on("DELETE", refusing(consumers::delete)));
  }

  /** A handler whose refusals have a code, as all of this door's do. */
  private static Handler refusing(Handler handler) {
    return exchange -> {
      try {
        handler.handle(exchange);
      } catch (MalformedException e) {
        Answers.problem(exchange, Refusal.malformed(String.valueOf(e.getMessage())));
      }
    };
  }

  private static int largestPayload(Policies policies) {
    int largest = Policy.DEFAULT.maxMessageBytes();
    for (Policies.Rule rule : policies.rules()) {
      largest = Math.max(largest, rule.policy().maxMessageBytes());
    }
    return largest;
  }

  /** Lets go of what is kept encoded. To be called when the server has ended its connections. */
  @Override
  public void close() {
    forms.close();
  }
}
