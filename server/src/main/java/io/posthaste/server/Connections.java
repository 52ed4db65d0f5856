package io.posthaste.server;

import io.posthaste.core.MalformedException;
import io.posthaste.core.NodeAnswers;
import io.posthaste.core.Nodes;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who is connected where: each node knows its own connections, and all are asked when somebody
 * wants to know. Nothing is written anywhere as connections come and go. Thread-safe.
 */
public final class Connections implements AutoCloseable {
  private static final String KIND = "connections";
  private static final Duration WITHIN = Duration.ofSeconds(1);
  private static final Comparator<Connected> ORDER =
      Comparator.comparing(Connected::node).thenComparingLong(Connected::number);

  /** Each is a walk over all connections, on all nodes. */
  private static final int MOST_SEARCHES = 8;

  private final AtomicInteger searches = new AtomicInteger(); // of this node's clients
  private final Loops loops;
  private final Nodes nodes;
  private final Nodes.Registration answering;

  /** The connections on these loops, and those of the other nodes. */
  public Connections(Loops loops, Nodes nodes) {
    this.loops = loops;
    this.nodes = nodes;
    this.answering = nodes.answer(KIND, this::answer);
  }

  private CompletionStage<Payload> answer(Payload question) {
    ConnectionsQuery query = ConnectionsQuery.of(question);
    if (!query.node().isEmpty() && !query.node().equals(nodes.self())) {
      return CompletableFuture.completedFuture(
          new ConnectionsAnswer(Map.of(), List.of(), false).toPayload());
    }
    CompletableFuture<ConnectionsAnswer> all =
        CompletableFuture.completedFuture(new ConnectionsAnswer(Map.of(), List.of(), false));
    for (Loop loop : loops.all()) {
      all =
          all.thenCombine(
              ConnectionSearch.in(loop, nodes.self(), query),
              (one, other) -> merge(one, other, query.limit()));
    }
    return all.thenApply(ConnectionsAnswer::toPayload);
  }

  private static ConnectionsAnswer merge(
      ConnectionsAnswer one, ConnectionsAnswer other, int limit) {
    Map<String, Long> doors = new TreeMap<>(one.doors());
    other.doors().forEach((door, count) -> doors.merge(door, count, Long::sum));
    List<Connected> both = new ArrayList<>(one.connections());
    both.addAll(other.connections());
    both.sort(ORDER);
    return new ConnectionsAnswer(
        doors,
        both.subList(0, Math.min(limit, both.size())),
        one.more() || other.more() || both.size() > limit);
  }

  /** Whether so many ask that another should come later. */
  public boolean isBusy() {
    return searches.get() >= MOST_SEARCHES;
  }

  /** A page of what is wanted, of all nodes that answer within a second. */
  public CompletionStage<ConnectionsPage> find(ConnectionsQuery query) {
    searches.incrementAndGet();
    return nodes
        .ask(KIND, query.toPayload(), WITHIN)
        .whenComplete((answers, failure) -> searches.decrementAndGet())
        .thenApply(answers -> page(answers, query));
  }

  private static ConnectionsPage page(NodeAnswers answers, ConnectionsQuery query) {
    int limit = query.limit();
    Map<String, ConnectionsAnswer> byNode = new TreeMap<>();
    Map<String, String> silent = new TreeMap<>(answers.silent());
    for (NodeAnswers.Answer answer : answers.given()) {
      try {
        byNode.merge(
            answer.node(),
            ConnectionsAnswer.of(answer.node(), answer.payload()),
            (one, other) -> merge(one, other, limit));
      } catch (MalformedException e) {
        silent.put(answer.node(), String.valueOf(e.getMessage()));
      }
    }
    if (!query.node().isEmpty()) {
      byNode.keySet().retainAll(Set.of(query.node()));
      silent.keySet().retainAll(Set.of(query.node()));
    }
    Map<String, Map<String, Long>> nodes = new TreeMap<>();
    List<Connected> connections = new ArrayList<>();
    boolean more = false;
    for (Map.Entry<String, ConnectionsAnswer> node : byNode.entrySet()) {
      ConnectionsAnswer of = node.getValue();
      nodes.put(node.getKey(), of.doors());
      int room = more ? 0 : limit - connections.size();
      connections.addAll(of.connections().subList(0, Math.min(room, of.connections().size())));
      // What follows a node that has not said all of its own belongs to a later page.
      more |= of.more() || of.connections().size() > room;
    }
    return new ConnectionsPage(connections, nodes, silent, more);
  }

  /** Answers no more. */
  @Override
  public void close() {
    answering.close();
  }
}
