package io.posthaste.door.web;

import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Policies;
import io.posthaste.core.Policy;
import io.posthaste.core.Presence;
import io.posthaste.server.Connections;
import io.posthaste.server.Guard;
import io.posthaste.server.Route;
import java.util.ArrayList;
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
  private final Guard guard;
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
    this(hub, presence, connections, options, Guard.NONE);
  }

  /**
   * A door that is guarded.
   *
   * @param presence of whoever comes by any door; stays the caller's
   * @param connections of all doors and nodes; stay the caller's
   * @param guard has everybody prove who he is
   */
  public NativeDoor(
      Hub hub, Presence presence, Connections connections, NativeOptions options, Guard guard) {
    this.guard = guard;
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
    List<Route> routes = new ArrayList<>();
    if (guard.access() != null) {
      routes.addAll(new AccessHandler(guard.access(), guard).routes());
      routes.add(
          Route.at("/v1/tickets")
              .on("POST", guard.guard(refusing(new TicketsHandler(guard.access()))))
              .maxBody(TicketsHandler.MAX_BODY_BYTES));
    }
    routes.addAll(
        List.of(
            Route.at("/v1/updates")
                .on(
                    "GET",
                    guard.guardOrTicket(
                        refusing(new UpdatesHandler(hub, options, forms, presence, guard))))
                .maxBody(json),
            Route.at("/v1/connections")
                .on("GET", guard.guard(refusing(new ConnectionsHandler(connections)))),
            Route.at("/v1/topics").on("GET", guard.guard(refusing(new TopicsHandler(hub)))),
            Route.under(TopicHandler.PATH)
                .on("GET", guard.guard(refusing(topic::look)))
                .on("POST", guard.guard(refusing(topic::publish)))
                .on("DELETE", guard.guard(refusing(topic::delete)))
                .maxBody(payload),
            Route.at("/v1/batch")
                .on("POST", guard.guard(refusing(new BatchHandler(hub, options))))
                .maxBody(Math.max(LEAST_BATCH_BYTES, json)),
            Route.under(ConsumersHandler.PATH)
                .on("GET", guard.guard(refusing(consumers::place)))
                .on("POST", guard.guard(refusing(consumers::ack)))
                .on("DELETE", guard.guard(refusing(consumers::delete)))));
    return routes;
  }

  /** A handler whose refusals have a code, as all of this door's do. */
  static Guard.Guarded refusing(Guard.Guarded handler) {
    return (exchange, session) -> {
      try {
        handler.handle(exchange, session);
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
