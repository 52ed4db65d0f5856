package io.posthaste.engine.jetstream;

import io.posthaste.core.Gap;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Policy;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One page forward, merged from a walk for each filter. */
final class Forward {
  /** So many messages that nobody asked for are passed over a page. */
  static final int LOOKED_AT = 20_000;

  /** So many messages are asked for at once, at most. */
  static final int AT_ONCE = 128;

  private final Wire wire;
  private final Heads heads;
  private final boolean replicated;
  private final Partition partition;
  private final ReadRequest request;
  private final List<Walk> walks = new ArrayList<>();
  private final Set<String> seen = new HashSet<>(); // filters whose newest is at or below the place
  private final List<Message> page = new ArrayList<>();
  private long weight;
  private long through;
  private long looked;
  private long lookedThrough;
  private final int filtersAsked;
  private final boolean onlyTopics;
  private boolean cut;
  private int unjudged; // of the page's messages, so many may not be the newest of their topics

  /**
   * @param lasts where the newest match of each filter stands, 0 where there is none
   * @param known up to where there is nothing but what stands there
   */
  Forward(
      Wire wire,
      Heads heads,
      boolean replicated,
      Partition partition,
      ReadRequest request,
      List<String> filters,
      List<Long> lasts,
      long known) {
    this.wire = wire;
    this.heads = heads;
    this.replicated = replicated;
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

  /** Whether a message is the newest of its topic. */
  static CompletableFuture<Boolean> isNewest(Wire wire, Partition partition, Message message) {
    return wire.last(partition.stream, Subjects.of(partition.subjects, message.topic()))
        .thenApply(last -> last.map(Entry::sequence).orElse(0L).equals(message.sequence()));
  }

  /**
   * @param page what was read
   * @param leader the server that was seen to lead the stream when it had been read
   */
  record Told(Page page, String leader) {}

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
    return SideBySide.ask(candidates, message -> isNewest(wire, partition, message))
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
    return SideBySide.ask(beyond, first -> trimmed(first, counts))
        .thenApply(
            trimmed -> {
              for (int i = 0; i < beyond.size(); i++) {
                if (trimmed.get(i)) {
                  Message first = beyond.get(i);
                  gaps.add(
                      new Gap(TopicPattern.of(first.topic()), partition.number, first.sequence()));
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
