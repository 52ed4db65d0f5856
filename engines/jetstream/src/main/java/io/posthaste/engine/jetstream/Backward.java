package io.posthaste.engine.jetstream;

import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * One page backward. Nothing in a stream leads from a message to the one before, so halves are
 * looked into, the newer first, until they are short enough to be read forward: some log2 of the
 * stretch questions for each cluster of matches.
 */
final class Backward {
  private static final int SHORT = 32;

  private final Wire wire;
  private final Partition partition;
  private final ReadRequest request;
  private final List<String> filters;
  private final List<Message> page = new ArrayList<>(); // newest first
  private long weight;
  private long lookedFrom;
  private int looked;

  Backward(Wire wire, Partition partition, ReadRequest request, List<String> filters) {
    this.wire = wire;
    this.partition = partition;
    this.request = request;
    this.filters = filters;
  }

  CompletableFuture<Page> run(long end) {
    lookedFrom = end;
    return look(1, end).thenCompose(done -> finish());
  }

  private boolean isFull() {
    return page.size() >= request.maxMessages()
        || weight >= request.maxBytes()
        || looked >= Forward.LOOKED_AT;
  }

  private CompletableFuture<Void> look(long from, long to) {
    if (from >= to || isFull()) {
      return CompletableFuture.completedFuture(null);
    }
    return first(from)
        .thenCompose(
            first -> {
              if (first >= to) {
                lookedFrom = Math.min(lookedFrom, from);
                return CompletableFuture.completedFuture(null);
              }
              long missing = request.maxMessages() - page.size();
              if (to - first <= Math.max(SHORT, Math.min(2 * missing, 2 * Forward.AT_ONCE))) {
                return read(first, to, from);
              }
              long middle = first + (to - first) / 2;
              return look(middle, to)
                  .thenCompose(done -> look(first, middle))
                  .thenRun(() -> lookedFrom = isFull() ? lookedFrom : Math.min(lookedFrom, from));
            });
  }

  /** The first match at or above; {@link Long#MAX_VALUE} if there is none. */
  private CompletableFuture<Long> first(long from) {
    return SideBySide.ask(filters, filter -> wire.next(partition.stream, from, filter))
        .thenApply(
            firsts ->
                firsts.stream()
                    .flatMap(Optional::stream)
                    .mapToLong(Entry::sequence)
                    .min()
                    .orElse(Long.MAX_VALUE));
  }

  private CompletableFuture<Void> read(long first, long to, long from) {
    List<Walk> walks = new ArrayList<>();
    filters.forEach(filter -> walks.add(new Walk(wire, partition, filter, first, to)));
    Map<Long, Message> found = new TreeMap<>(Collections.reverseOrder());
    return drain(walks, found, new long[1])
        .thenCompose(
            whole -> {
              if (!whole) { // heavy ones: rather half of it at a time
                long middle = first + (to - first) / 2;
                return look(middle, to).thenCompose(done -> look(first, middle));
              }
              for (Message message : found.values()) {
                if (isFull()) {
                  return CompletableFuture.completedFuture(null);
                }
                looked++;
                lookedFrom = message.sequence();
                if (TopicPattern.anyMatches(request.topics(), message.topic())) {
                  page.add(message);
                  weight += message.weight();
                }
              }
              lookedFrom = isFull() ? lookedFrom : Math.min(lookedFrom, from);
              return CompletableFuture.completedFuture(null);
            });
  }

  /** Empties the walks; false if what they hold weighs too much for that. */
  private CompletableFuture<Boolean> drain(
      List<Walk> walks, Map<Long, Message> found, long[] weighed) {
    List<CompletableFuture<Void>> filling = new ArrayList<>();
    for (Walk walk : walks) {
      for (Message next = walk.peek(); next != null; next = walk.peek()) {
        walk.remove();
        found.put(next.sequence(), next);
        weighed[0] += next.weight();
      }
      if (!walk.isOver()) {
        filling.add(walk.fill(Forward.AT_ONCE, request.maxBytes()));
      }
    }
    if (filling.isEmpty() || found.size() > 1 && weighed[0] > 2L * request.maxBytes()) {
      return CompletableFuture.completedFuture(filling.isEmpty());
    }
    return CompletableFuture.allOf(filling.toArray(CompletableFuture[]::new))
        .thenCompose(filled -> drain(walks, found, weighed));
  }

  private CompletableFuture<Page> finish() {
    long reached = lookedFrom;
    boolean full = isFull();
    CompletableFuture<Boolean> more =
        full
            ? first(1).thenApply(first -> first < reached)
            : CompletableFuture.completedFuture(false);
    return more.thenCompose(
        further -> {
          Collections.reverse(page);
          long through = further ? reached : 0;
          if (!request.onlyLatest()) {
            return CompletableFuture.completedFuture(new Page(page, through, further, List.of()));
          }
          return SideBySide.ask(page, message -> Forward.isNewest(wire, partition, message))
              .thenApply(
                  isNewest -> {
                    List<Message> newest = new ArrayList<>();
                    for (int i = 0; i < page.size(); i++) {
                      if (isNewest.get(i)) {
                        newest.add(page.get(i));
                      }
                    }
                    return new Page(newest, through, further, List.of());
                  });
        });
  }
}
