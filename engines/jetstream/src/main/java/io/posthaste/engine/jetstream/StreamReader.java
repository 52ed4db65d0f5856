package io.posthaste.engine.jetstream;

import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Reads pages of streams, from their leaders. A page forward holds all that was acknowledged before
 * it was asked for.
 */
final class StreamReader {
  /** So often a page is read while leaders change. */
  private static final int TRIES = 4;

  private final Wire wire;
  private final Routing routing;
  private final Heads heads;
  private final Map<Integer, Mirror> mirrors;
  private final Led led;
  private final boolean replicated;

  /**
   * @param replicated whether streams have replicas, and so leaders that change
   */
  StreamReader(
      Wire wire, Routing routing, Heads heads, Led led, List<Mirror> mirrors, boolean replicated) {
    this.wire = wire;
    this.led = led;
    this.replicated = replicated;
    this.routing = routing;
    this.heads = heads;
    this.mirrors =
        mirrors.stream()
            .collect(Collectors.toMap(mirror -> mirror.partition().number, mirror -> mirror));
  }

  /**
   * The place below the first message of that time or a later one, found by halving: messages'
   * times are those of the nodes that took them, which may differ by as much as their clocks do.
   */
  CompletableFuture<Long> placeAt(Partition partition, long millis) {
    return led.read(
        partition,
        () ->
            heads
                .state(partition.number)
                .thenCompose(state -> search(partition, millis, state.first(), state.last() + 1)));
  }

  /** All below {@code from} is earlier; nothing at {@code to} or above is. */
  private CompletableFuture<Long> search(Partition partition, long millis, long from, long to) {
    if (from >= to) {
      return CompletableFuture.completedFuture(from - 1);
    }
    long middle = from + (to - from) / 2;
    return wire.next(partition.stream, middle, partition.subjects + ">")
        .thenCompose(
            found -> {
              boolean later = found.isEmpty() || Codec.timeMillis(found.get().headers()) >= millis;
              return later
                  ? search(partition, millis, from, middle)
                  : search(partition, millis, found.get().sequence() + 1, to);
            });
  }

  /** The same request without topics that are in other partitions: those have nothing here. */
  private ReadRequest here(Partition partition, ReadRequest request) {
    List<TopicPattern> topics = new ArrayList<>(request.topics());
    topics.removeIf(topic -> !routing.of(topic).contains(partition.number));
    return new ReadRequest(
        partition.number,
        topics,
        request.place(),
        request.maxMessages(),
        request.maxBytes(),
        request.onlyLatest());
  }

  /** Reads forward. */
  CompletableFuture<Page> forward(ReadRequest asked) {
    Partition partition = routing.partition(asked.partition());
    ReadRequest request = here(partition, asked);
    long known = Math.max(partition.known(), request.place());
    Optional<List<Optional<Message>>> mirrored = mirrored(partition, request);
    if (mirrored.isPresent() && request.onlyLatest()) {
      return CompletableFuture.completedFuture(newest(request, mirrored.get(), known));
    }
    return replicated
        ? led(partition, request, mirrored, TRIES)
        : page(partition, request, mirrored).thenApply(Forward.Told::page);
  }

  /**
   * A page that one leader told from beginning to end. For some moments after a change two servers
   * may both answer for the leader, and the one that was deposed lacks the newest messages. So a
   * page is good only if the same server was seen to lead, by a majority, before and after.
   */
  private CompletableFuture<Page> led(
      Partition partition,
      ReadRequest request,
      Optional<List<Optional<Message>>> mirrored,
      int tries) {
    return heads
        .state(partition.number)
        .thenCompose(
            before ->
                page(partition, request, mirrored)
                    .thenCompose(
                        told -> {
                          if (told.leader().equals(before.leader())) {
                            return CompletableFuture.completedFuture(told.page());
                          }
                          return tries > 1
                              ? led(partition, request, mirrored, tries - 1)
                              : CompletableFuture.failedFuture(Led.changed(partition));
                        }));
  }

  private CompletableFuture<Forward.Told> page(
      Partition partition, ReadRequest request, Optional<List<Optional<Message>>> mirrored) {
    long known = Math.max(partition.known(), request.place());
    List<String> filters = filters(partition, request.topics());
    CompletableFuture<List<Long>> newest =
        mirrored.isPresent() && filters.size() == mirrored.get().size()
            ? CompletableFuture.completedFuture(
                mirrored.get().stream().map(one -> one.map(Message::sequence).orElse(0L)).toList())
            : SideBySide.ask(
                filters,
                filter ->
                    wire.last(partition.stream, filter)
                        .thenApply(last -> last.map(Entry::sequence).orElse(0L)));
    return newest.thenCompose(
        lasts -> {
          Forward reading =
              new Forward(wire, heads, replicated, partition, request, filters, lasts, known);
          return reading.run();
        });
  }

  /** The newest of each topic, if they are plain and at hand. */
  private Optional<List<Optional<Message>>> mirrored(Partition partition, ReadRequest request) {
    Mirror mirror = mirrors.get(partition.number);
    if (mirror == null || !request.topics().stream().allMatch(TopicPattern::isTopic)) {
      return Optional.empty();
    }
    return mirror.newest(request.topics().stream().map(TopicPattern::topic).toList());
  }

  /** The newest message of a topic. */
  CompletableFuture<Optional<Message>> latest(Partition partition, Topic topic) {
    Mirror mirror = mirrors.get(partition.number);
    if (mirror != null) {
      Optional<List<Optional<Message>>> here = mirror.newest(List.of(topic));
      if (here.isPresent()) {
        return CompletableFuture.completedFuture(here.get().get(0));
      }
    }
    return led.read(
            partition, () -> wire.last(partition.stream, Subjects.of(partition.subjects, topic)))
        .thenApply(last -> last.map(entry -> Codec.message(partition, entry)));
  }

  private static Page newest(ReadRequest request, List<Optional<Message>> messages, long known) {
    List<Message> page = new ArrayList<>();
    long weight = 0;
    List<Message> above =
        messages.stream()
            .flatMap(Optional::stream)
            .filter(message -> message.sequence() > request.place())
            .sorted(Comparator.comparingLong(Message::sequence))
            .distinct()
            .toList();
    for (Message message : above) {
      if (page.size() >= request.maxMessages() || weight >= request.maxBytes()) {
        break;
      }
      page.add(message);
      weight += message.weight();
    }
    boolean cut = page.size() < above.size();
    long last = page.isEmpty() ? 0 : page.get(page.size() - 1).sequence();
    return new Page(page, cut ? last : Math.max(known, last), cut, List.of());
  }

  private static List<String> filters(Partition partition, List<TopicPattern> topics) {
    Set<String> filters = new LinkedHashSet<>();
    topics.forEach(pattern -> filters.addAll(Subjects.of(partition.subjects, pattern)));
    return List.copyOf(filters);
  }

  /** Reads backward. */
  CompletableFuture<Page> backward(ReadRequest asked) {
    Partition partition = routing.partition(asked.partition());
    ReadRequest request = here(partition, asked);
    List<String> filters = filters(partition, request.topics());
    return led.read(partition, () -> backward(partition, request, filters));
  }

  private CompletableFuture<Page> backward(
      Partition partition, ReadRequest request, List<String> filters) {
    return SideBySide.ask(filters, filter -> wire.last(partition.stream, filter))
        .thenCompose(
            lasts -> {
              long last = 0;
              List<String> held = new ArrayList<>();
              for (int i = 0; i < filters.size(); i++) {
                if (lasts.get(i).isPresent()) {
                  held.add(filters.get(i));
                  last = Math.max(last, lasts.get(i).get().sequence());
                }
              }
              long end = Math.min(request.place(), last + 1);
              if (held.isEmpty() || end <= 1) {
                return CompletableFuture.completedFuture(new Page(List.of(), 0, false, List.of()));
              }
              return new Backward(wire, partition, request, held).run(end);
            });
  }
}
