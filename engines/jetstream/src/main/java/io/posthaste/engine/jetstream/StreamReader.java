package io.posthaste.engine.jetstream;

import io.posthaste.core.Gap;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Policy;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of streams, from their leaders. A page forward holds all that was acknowledged before
 * it was asked for.
 */
final class StreamReader {
  /** So many messages that nobody asked for are passed over a page. */
  private static final int LOOKED_AT = 20_000;

  /** So many messages are asked for at once, at most. */
  private static final int AT_ONCE = 128;

  /** So many topics' states are asked for at once. */
  private static final int QUESTIONS_AT_ONCE = 64;

  /** So often a page is read while leaders change. */
  private static final int TRIES = 4;

  private final Wire wire;
  private final Routing routing;
  private final Heads heads;
  private final Map<Integer, Mirror> mirrors;
  private final boolean replicated;

  /**
   * @param replicated whether streams have replicas, and so leaders that change
   */
  StreamReader(Wire wire, Routing routing, Heads heads, List<Mirror> mirrors, boolean replicated) {
    this.wire = wire;
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
    return heads
        .state(partition.number)
        .thenCompose(state -> search(partition, millis, state.first(), state.last() + 1));
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
        : page(partition, request, mirrored).thenApply(Told::page);
  }

  /** A page, and the server that was seen to lead the stream when it had been read. */
  private record Told(Page page, String leader) {}

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
                          if (told.leader.equals(before.leader())) {
                            return CompletableFuture.completedFuture(told.page);
                          }
                          return tries > 1
                              ? led(partition, request, mirrored, tries - 1)
                              : CompletableFuture.failedFuture(
                                  new LogException(
                                      "the leader of "
                                          + partition.stream
                                          + " changed while it was read (expected: a retry)"));
                        }));
  }

  private CompletableFuture<Told> page(
      Partition partition, ReadRequest request, Optional<List<Optional<Message>>> mirrored) {
    long known = Math.max(partition.known(), request.place());
    List<String> filters = filters(partition, request.topics());
    CompletableFuture<List<Long>> newest =
        mirrored.isPresent() && filters.size() == mirrored.get().size()
            ? CompletableFuture.completedFuture(
                mirrored.get().stream().map(one -> one.map(Message::sequence).orElse(0L)).toList())
            : each(
                filters,
                filter ->
                    wire.last(partition.stream, filter)
                        .thenApply(last -> last.map(Entry::sequence).orElse(0L)));
    return newest.thenCompose(
        lasts -> {
          Forward reading = new Forward(partition, request, filters, lasts, known);
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
    return wire.last(partition.stream, Subjects.of(partition.subjects, topic))
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

  /** A question for each, of which only so many are under way at a time; answers in their order. */
  <T, R> CompletableFuture<List<R>> each(
      List<T> subjects, java.util.function.Function<T, CompletableFuture<R>> question) {
    List<R> answers = new ArrayList<>(Collections.nCopies(subjects.size(), null));
    return each(subjects, question, answers, 0);
  }

  private <T, R> CompletableFuture<List<R>> each(
      List<T> subjects,
      java.util.function.Function<T, CompletableFuture<R>> question,
      List<R> answers,
      int from) {
    int to = Math.min(subjects.size(), from + QUESTIONS_AT_ONCE);
    if (from == to) {
      return CompletableFuture.completedFuture(answers);
    }
    List<CompletableFuture<Void>> asked = new ArrayList<>();
    for (int i = from; i < to; i++) {
      int index = i;
      asked.add(question.apply(subjects.get(i)).thenAccept(answer -> answers.set(index, answer)));
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenCompose(done -> each(subjects, question, answers, to));
  }

  private CompletableFuture<Boolean> isNewest(Partition partition, Message message) {
    return wire.last(partition.stream, Subjects.of(partition.subjects, message.topic()))
        .thenApply(last -> last.map(Entry::sequence).orElse(0L).equals(message.sequence()));
  }

  /** One page forward, merged from a walk for each filter. */
  private final class Forward {
    private final Partition partition;
    private final ReadRequest request;
    private final List<Walk> walks = new ArrayList<>();
    private final Set<String> seen =
        new HashSet<>(); // filters whose newest is at or below the place
    private final List<Message> page = new ArrayList<>();
    private long weight;
    private long through;
    private long looked;
    private long lookedThrough;
    private final int filtersAsked;
    private final boolean onlyTopics;
    private boolean cut;
    private int unjudged; // of the page's messages, so many may not be the newest of their topics

    Forward(
        Partition partition,
        ReadRequest request,
        List<String> filters,
        List<Long> lasts,
        long known) {
      this.partition = partition;
      this.request = request;
      this.through = known;
      this.filtersAsked = filters.size();
      this.onlyTopics = request.topics().stream().allMatch(TopicPattern::isTopic);
      this.lookedThrough = request.place();
      for (int i = 0; i < filters.size(); i++) {
        long last = lasts.get(i);
        if (last > 0 && last <= request.place()) {
          seen.add(filters.get(i));
        }
        through = Math.max(through, last);
        if (last > request.place()) {
          long from = Math.max(request.place(), 0) + 1;
          if (request.onlyLatest()
              && filters.get(i).indexOf('*') < 0
              && !filters.get(i).endsWith(">")) {
            from = last;
          }
          walks.add(new Walk(wire, partition, filters.get(i), from, last + 1));
        }
      }
    }

    CompletableFuture<Told> run() {
      return goOn().thenCompose(done -> finish());
    }

    private CompletableFuture<Void> goOn() {
      while (true) {
        if (request.onlyLatest() && isFull() && unjudged > 0) {
          return newestOnly().thenCompose(judged -> goOn());
        }
        if (isFull()) {
          cut = walks.stream().anyMatch(walk -> !walk.isOver());
          return CompletableFuture.completedFuture(null);
        }
        walks.removeIf(Walk::isOver);
        List<CompletableFuture<Void>> filling = new ArrayList<>();
        Walk first = null;
        long lowest = Long.MAX_VALUE;
        for (Walk walk : walks) {
          Message next = walk.peek();
          if (next == null) {
            filling.add(walk.fill(wanted(), request.maxBytes()));
          } else if (next.sequence() < lowest) {
            lowest = next.sequence();
            first = walk;
          }
        }
        if (!filling.isEmpty()) {
          return CompletableFuture.allOf(filling.toArray(CompletableFuture[]::new))
              .thenCompose(filled -> goOn());
        }
        if (first == null) {
          return CompletableFuture.completedFuture(null);
        }
        Message message = first.peek();
        first.remove();
        if (message != null && message.sequence() > lookedThrough) {
          looked++;
          lookedThrough = message.sequence();
          if (TopicPattern.anyMatches(request.topics(), message.topic())) {
            page.add(message);
            weight += message.weight();
            unjudged++;
          }
        }
      }
    }

    private boolean isFull() {
      return page.size() >= request.maxMessages()
          || weight >= request.maxBytes()
          || looked >= LOOKED_AT;
    }

    private int wanted() {
      int missing = request.maxMessages() - page.size();
      return Math.max(1, Math.min(missing, AT_ONCE) / walks.size());
    }

    private CompletableFuture<Told> finish() {
      return request.onlyLatest()
          ? newestOnly().thenCompose(judged -> told(false))
          : told(seen.size() < filtersAsked || !onlyTopics);
    }

    /**
     * The page as it is now.
     *
     * @param mayLack false if the cursor lacks nothing: of each topic it has seen the newest, or
     *     wants no other
     */
    private CompletableFuture<Told> told(boolean mayLack) {
      long reached = cut ? lookedThrough : Math.max(through, lookedThrough);
      if (!mayLack && !replicated) {
        return CompletableFuture.completedFuture(
            new Told(new Page(page, reached, cut, List.of()), ""));
      }
      return heads
          .state(partition.number)
          .thenCompose(
              state -> {
                CompletableFuture<List<Gap>> gaps =
                    mayLack ? gaps(state) : CompletableFuture.completedFuture(List.of());
                return gaps.thenApply(
                    lacking -> new Told(new Page(page, reached, cut, lacking), state.leader()));
              });
    }

    /** Leaves only the newest of each topic on the page. */
    private CompletableFuture<Void> newestOnly() {
      List<Message> candidates = List.copyOf(page);
      return each(candidates, message -> isNewest(partition, message))
          .thenAccept(
              newest -> {
                page.clear();
                weight = 0;
                unjudged = 0;
                for (int i = 0; i < candidates.size(); i++) {
                  if (newest.get(i)) {
                    page.add(candidates.get(i));
                    weight += candidates.get(i).weight();
                  }
                }
              });
    }

    /**
     * What the cursor lacks. Asked after the page was read, so that nothing that went meanwhile is
     * passed over in silence.
     */
    private CompletableFuture<List<Gap>> gaps(StreamState state) {
      if (state.messages() == state.last() - partition.base()
          && request.place() >= partition.base()) {
        return CompletableFuture.completedFuture(List.of()); // nothing was ever removed
      }
      // What goes for its age goes oldest first, from the whole stream.
      boolean aged =
          request.place() < state.first() - 1
              && (!partition.policy.age().equals(Policy.FOREVER)
                  || request.place() < partition.base());
      Map<Topic, Message> firsts = new LinkedHashMap<>();
      Map<Topic, Long> counts = new HashMap<>();
      for (Message message : page) {
        firsts.putIfAbsent(message.topic(), message);
        counts.merge(message.topic(), 1L, Long::sum);
      }
      List<Gap> gaps = new ArrayList<>();
      if (aged) {
        for (TopicPattern pattern : request.topics()) {
          Gap gap = agedGap(pattern, firsts);
          if (gap != null) {
            gaps.add(gap);
          }
        }
        return CompletableFuture.completedFuture(gaps);
      }
      List<Message> beyond = new ArrayList<>(firsts.values());
      beyond.removeIf(first -> first.sequence() == request.place() + 1);
      return each(beyond, first -> trimmed(first, counts))
          .thenApply(
              trimmed -> {
                for (int i = 0; i < beyond.size(); i++) {
                  if (trimmed.get(i)) {
                    Message first = beyond.get(i);
                    gaps.add(
                        new Gap(
                            TopicPattern.of(first.topic()), partition.number, first.sequence()));
                  }
                }
                return gaps;
              });
    }

    private @Nullable Gap agedGap(TopicPattern pattern, Map<Topic, Message> firsts) {
      long from = 0;
      for (Message first : firsts.values()) {
        if (pattern.matches(first.topic())) {
          from = first.sequence();
          break;
        }
      }
      // A topic whose newest message the cursor has seen lacks nothing.
      boolean complete =
          pattern.isTopic() && seen.contains(Subjects.of(partition.subjects, pattern.topic()));
      return complete ? null : new Gap(pattern, partition.number, from);
    }

    /** Whether the topic may have lost messages between the place and its first on this page. */
    private CompletableFuture<Boolean> trimmed(Message first, Map<Topic, Long> onPage) {
      String subject = Subjects.of(partition.subjects, first.topic());
      return wire.next(partition.stream, 1, subject)
          .thenCompose(
              oldest -> {
                if (oldest.isPresent() && oldest.get().sequence() <= request.place()) {
                  return CompletableFuture.completedFuture(false);
                }
                Policy policy = partition.policy;
                long here = onPage.getOrDefault(first.topic(), 0L);
                if (policy.bytes() != Long.MAX_VALUE || here >= policy.count()) {
                  return CompletableFuture.completedFuture(true);
                }
                if (!cut) {
                  return CompletableFuture.completedFuture(false);
                }
                return wire.counts(partition.stream, subject)
                    .thenApply(counts -> counts.getOrDefault(subject, 0L) >= policy.count());
              });
    }
  }

  /** Reads backward. */
  CompletableFuture<Page> backward(ReadRequest asked) {
    Partition partition = routing.partition(asked.partition());
    ReadRequest request = here(partition, asked);
    List<String> filters = filters(partition, request.topics());
    return each(filters, filter -> wire.last(partition.stream, filter))
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
              return new Backward(partition, request, held).run(end);
            });
  }

  /**
   * One page backward. Nothing in a stream leads from a message to the one before, so halves are
   * looked into, the newer first, until they are short enough to be read forward: some log2 of the
   * stretch questions for each cluster of matches.
   */
  private final class Backward {
    private static final int SHORT = 32;

    private final Partition partition;
    private final ReadRequest request;
    private final List<String> filters;
    private final List<Message> page = new ArrayList<>(); // newest first
    private long weight;
    private long lookedFrom;
    private int looked;

    Backward(Partition partition, ReadRequest request, List<String> filters) {
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
          || looked >= LOOKED_AT;
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
                if (to - first <= Math.max(SHORT, Math.min(2 * missing, 2 * AT_ONCE))) {
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
      return each(filters, filter -> wire.next(partition.stream, from, filter))
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
      Map<Long, Message> found = new java.util.TreeMap<>(Collections.reverseOrder());
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
          filling.add(walk.fill(AT_ONCE, request.maxBytes()));
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
            return each(page, message -> isNewest(partition, message))
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
}
