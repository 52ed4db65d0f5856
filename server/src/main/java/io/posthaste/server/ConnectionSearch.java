package io.posthaste.server;

import io.posthaste.core.TopicPattern;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Looks through the connections of one loop, a slice at a time, so that the loop sees to its
 * sockets meanwhile. What comes during the search is not seen, what goes may be. Belongs to the
 * loop's thread.
 */
final class ConnectionSearch {
  private static final int SLICE = 500;

  private final Loop loop;
  private final String node;
  private final ConnectionsQuery query;
  private final long above;
  private final CompletableFuture<ConnectionsAnswer> found = new CompletableFuture<>();
  private final Map<String, Long> doors = new TreeMap<>();

  /** The lowest numbers of those that match, the highest of them first. */
  private final PriorityQueue<Connected> lowest =
      new PriorityQueue<>(Comparator.comparingLong(Connected::number).reversed());

  private List<Connection> all = List.of();
  private boolean more;

  private ConnectionSearch(Loop loop, String node, ConnectionsQuery query) {
    this.loop = loop;
    this.node = node;
    this.query = query;
    this.above = query.above(node);
  }

  /** What matches on a loop; its thread does the work. */
  static CompletableFuture<ConnectionsAnswer> in(Loop loop, String node, ConnectionsQuery query) {
    ConnectionSearch search = new ConnectionSearch(loop, node, query);
    search.schedule(search::begin);
    return search.found;
  }

  private void schedule(Runnable step) {
    try {
      loop.eventLoop()
          .execute(
              () -> {
                try {
                  step.run();
                } catch (RuntimeException e) { // else nobody would ever hear of the search
                  found.completeExceptionally(e);
                }
              });
    } catch (RejectedExecutionException ended) {
      found.completeExceptionally(ended);
    }
  }

  private void begin() {
    all = loop.all();
    look(all.size());
  }

  /** From the end: those that came first. */
  private void look(int end) {
    int from = Math.max(0, end - SLICE);
    for (int i = end - 1; i >= from; i--) {
      Connection connection = all.get(i);
      if (!connection.isGone()) {
        consider(connection, connection.use());
      }
    }
    if (from > 0) {
      schedule(() -> look(from));
    } else {
      found.complete(
          new ConnectionsAnswer(
              doors,
              lowest.stream().sorted(Comparator.comparingLong(Connected::number)).toList(),
              more));
    }
  }

  private void consider(Connection connection, Use use) {
    if (!query.matches(use)) {
      return;
    }
    doors.merge(use.door(), 1L, Long::sum);
    if (connection.number() <= above) {
      return;
    }
    Connected highest = lowest.size() < query.limit() ? null : lowest.peek();
    if (highest != null) {
      more = true;
      if (connection.number() > highest.number()) {
        return;
      }
      lowest.remove();
    }
    List<TopicPattern> topics = use.topics();
    lowest.add(
        new Connected(
            node,
            connection.number(),
            use.door(),
            connection.openedMillis(),
            connection.peer(),
            topics.size(),
            topics.stream().limit(Connected.MOST_TOPICS).map(TopicPattern::text).toList(),
            use.presences()));
  }
}
