package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.access.Session;
import io.posthaste.core.MalformedException;
import io.posthaste.core.NodePlace;
import io.posthaste.core.Presence;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Connected;
import io.posthaste.server.Connections;
import io.posthaste.server.ConnectionsPage;
import io.posthaste.server.ConnectionsQuery;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.HoldListener;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/connections}: who is connected, on all nodes. */
final class ConnectionsHandler implements Guard.Guarded {
  private static final Set<String> KNOWN = Set.of("topic", "door", "node", "after", "limit");
  private static final int DEFAULT_LIMIT = 100;

  private final Connections connections;

  ConnectionsHandler(Connections connections) {
    this.connections = connections;
  }

  @Override
  public void handle(Exchange exchange, Session session) {
    if (!session.mayAdminister()) {
      Answers.problem(exchange, Refusal.notAdministrator(session));
      return;
    }
    ConnectionsQuery query = query(Parameters.of(exchange.request(), KNOWN));
    if (connections.isBusy()) {
      Answers.problem(exchange, Refusal.busy("too many ask (expected: a retry later)"));
      return;
    }
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        connections.find(query),
        page -> Answers.json(exchange, 200, Map.of(), out -> write(out, page, query.after())),
        refusal -> Answers.problem(exchange, refusal));
  }

  private static ConnectionsQuery query(Parameters given) {
    String topic = given.one("topic");
    String door = given.one("door");
    String node = given.one("node");
    String after = given.one("after");
    if (after != null && after.isEmpty()) {
      throw new MalformedException("after: empty (expected: the next of a page before, or none)");
    }
    return new ConnectionsQuery(
        topic == null ? null : TopicPattern.ofUrl(topic),
        door == null ? "" : door,
        node == null ? "" : node,
        after == null ? null : NodePlace.parse(after),
        given.number("limit", DEFAULT_LIMIT));
  }

  private static void write(ByteBuf out, ConnectionsPage page, @Nullable NodePlace after) {
    ascii(out, "{\"connections\":[");
    list(out, page.connections(), connection -> connection(out, connection));
    ascii(out, "],\"nodes\":[");
    list(out, List.copyOf(page.nodes().entrySet()), node -> node(out, node));
    ascii(out, "]");
    NodesJson.silent(out, page.silent());
    List<Connected> all = page.connections();
    if (!all.isEmpty()) {
      Connected last = all.get(all.size() - 1);
      ascii(out, ",\"next\":");
      JsonText.string(out, new NodePlace(last.node(), last.number()).toString());
    } else if (after != null) {
      ascii(out, ",\"next\":");
      JsonText.string(out, after.toString());
    }
    ascii(out, page.more() ? ",\"more\":true}" : "}");
  }

  private static <T> void list(ByteBuf out, List<T> items, Consumer<T> writer) {
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.writeByte(',');
      }
      writer.accept(items.get(i));
    }
  }

  private static void connection(ByteBuf out, Connected connection) {
    ascii(out, "{\"node\":");
    JsonText.string(out, connection.node());
    ascii(out, ",\"number\":" + connection.number() + ",\"door\":");
    JsonText.string(out, connection.door());
    ascii(out, ",\"since\":");
    JsonText.time(out, connection.sinceMillis());
    ascii(out, ",\"client\":");
    JsonText.string(out, connection.peer());
    ascii(out, ",\"topicCount\":" + connection.topics() + ",\"topics\":[");
    list(out, connection.some(), topic -> JsonText.string(out, topic));
    out.writeByte(']');
    if (!connection.presences().isEmpty()) {
      ascii(out, ",\"presences\":[");
      list(out, connection.presences(), who -> who(out, who));
      out.writeByte(']');
    }
    out.writeByte('}');
  }

  private static void who(ByteBuf out, Presence.Who who) {
    ascii(out, "{\"place\":");
    JsonText.string(out, who.place());
    ascii(out, ",\"as\":");
    JsonText.string(out, who.name());
    ascii(out, ",\"device\":");
    JsonText.string(out, who.device());
    out.writeByte('}');
  }

  private static void node(ByteBuf out, Map.Entry<String, Map<String, Long>> node) {
    long all = node.getValue().values().stream().mapToLong(Long::longValue).sum();
    ascii(out, "{\"node\":");
    JsonText.string(out, node.getKey());
    ascii(out, ",\"connections\":" + all + ",\"doors\":{");
    list(
        out,
        List.copyOf(node.getValue().entrySet()),
        door -> {
          JsonText.string(out, door.getKey());
          ascii(out, ":" + door.getValue());
        });
    ascii(out, "}}");
  }
}
