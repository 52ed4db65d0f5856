package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log in memory: one partition, lost with its process, and every stage is complete on return.
 *
 * <p>State is guarded by one lock, {@link #state}, which is held for short, bounded work and never
 * while listeners are called. Appends also hold {@link #writing}, taken first, until listeners have
 * heard of them, so that these hear one batch after another.
 *
 * <p>Messages stand in two orders: by sequence in {@link #log}, and by topic in {@link #topics}. A
 * read of few topics merges these; one of many walks along the log. Retention is applied to a topic
 * as it is appended to; what comes of age, and old idempotency keys, go with any later append or
 * read.
 */
public final class MemoryLog implements Log {
  private static final Appended.Unavailable CLOSED =
      new Appended.Unavailable("the log is closed (expected: a retry once the server is back)");

  /** Bytes that an entry takes beyond the message, in the two orders. */
  private static final int ENTRY_BYTES = 64;

  /** Bytes that a topic takes beyond its messages. */
  private static final int TOPIC_BYTES = 256;

  /** A read of at most so many topics merges them. */
  private static final int MERGED_TOPICS = 4_096;

  /** A read along the log looks at most at so many messages a page. */
  private static final int SCANNED_MESSAGES = 20_000;

  /** So many gaps are told by topic; beyond, by the pattern that was asked for. */
  private static final int EXACT_GAPS = 100;

  /** At most so many messages go for their age in one call. */
  private static final int EXPIRED_AT_ONCE = 4_096;

  /**
   * What a log in memory is made with.
   *
   * @param epoch its identity
   * @param partition the number of its one partition
   * @param base the sequence below its first. What a cursor below it lacks is reported as a gap: so
   *     a partition that is lost at each start may begin above all it has ever had
   * @param policies what applies to each topic; whether one is for memory makes no difference here
   * @param maxBytes how many bytes all messages and topics may take, roughly; the oldest go first,
   *     and the newest message is kept whatever its size
   * @param clock tells the time of messages
   */
  public record Options(
      String epoch,
      int partition,
      long base,
      Policies policies,
      long maxBytes,
      InstantSource clock) {
    private static final long DEFAULT_MAX_BYTES = 256L << 20;

    public Options {
      PlaceText.checkEpoch(epoch);
      requireNonNull(policies, "policies");
      requireNonNull(clock, "clock");
      if (partition < 0 || base < 0 || maxBytes < 1) {
        throw new IllegalArgumentException(
            "memory log: partition "
                + partition
                + ", base "
                + base
                + ", "
                + maxBytes
                + " bytes (expected: 0 or above, 0 or above, 1 or above)");
      }
    }

    /**
     * Partition 0 of a new epoch, with at most 256 MiB or a quarter of the heap, whatever is less.
     */
    public static Options of(Policies policies) {
      long maxBytes = Math.min(DEFAULT_MAX_BYTES, Runtime.getRuntime().maxMemory() / 4);
      return new Options(Epoch.random(), 0, 0, policies, maxBytes, InstantSource.system());
    }

    /** The same with at most so many bytes. */
    public Options withMaxBytes(long maxBytes) {
      return new Options(epoch, partition, base, policies, maxBytes, clock);
    }

    /** The same with this clock. */
    public Options withClock(InstantSource clock) {
      return new Options(epoch, partition, base, policies, maxBytes, clock);
    }
  }

  private final String epoch;
  private final int partition;
  private final Policies policies;
  private final long maxBytes;
  private final InstantSource clock;
  private final Followers followers = new Followers();
  private final Nodes nodes = new LoneNode();
  private final ReentrantLock writing = new ReentrantLock();
  private final Object state = new Object();

  // All below is guarded by state.
  private final NavigableMap<Long, Message> log = new TreeMap<>();
  private final Map<String, MemoryTopic> topics = new HashMap<>();
  private final NavigableMap<String, MemoryTopic> names = new TreeMap<>(TopicText::compareUtf8);
  private final TreeSet<MemoryTopic> ageing = new TreeSet<>(MemoryTopic.BY_DUE);
  private final Forgotten forgotten;
  private final MemoryKeys keys;
  private long head;
  private long lostThrough;
  private long lastMillis; // the clock's
  private long newestMillis; // the newest message's
  private long bytes;
  private boolean closed;

  /** An empty log. */
  public MemoryLog(Options options) {
    epoch = options.epoch();
    partition = options.partition();
    policies = options.policies();
    maxBytes = options.maxBytes();
    clock = options.clock();
    head = options.base();
    lostThrough = options.base();
    forgotten = new Forgotten(options.base());
    keys = new MemoryKeys(Math.max(maxBytes / 4, 1));
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public List<Integer> partitions() {
    return List.of(partition);
  }

  @Override
  public int partitionOf(Topic topic) {
    return partition;
  }

  @Override
  public List<Integer> partitionsOf(TopicPattern topics) {
    return partitions();
  }

  @Override
  public Policies policies() {
    return policies;
  }

  // ---------------------------------------------------------------- append

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    if (writing.isHeldByCurrentThread()) {
      throw new IllegalStateException("a commit listener must not append");
    }
    List<Appended> outcomes = new ArrayList<>(batch.size());
    List<Message> committed = new ArrayList<>(batch.size());
    writing.lock();
    try {
      long heard;
      synchronized (state) {
        long now = advance();
        for (Append append : batch) {
          outcomes.add(closed ? CLOSED : take(append, now, committed));
        }
        shrink();
        heard = head;
      }
      if (!committed.isEmpty()) {
        followers.committed(partition, committed, heard);
        followers.acknowledged(partition);
      }
    } finally {
      writing.unlock();
    }
    return CompletableFuture.completedStage(outcomes);
  }

  private Appended take(Append append, long now, List<Message> committed) {
    Topic name = append.topic();
    MemoryTopic topic = topics.get(name.name());
    Policy policy = topic == null ? policies.of(name) : topic.policy;
    if (append.payload().length() > policy.maxMessageBytes()) {
      return new Appended.TooLarge(policy.maxMessageBytes());
    }
    String key = append.key();
    long digest = 0;
    if (key != null) {
      digest = append.bodyDigest();
      MemoryKeys.Answer first = keys.find(name, key);
      if (first != null) {
        return first.bodyDigest() == digest
            ? new Appended.Stored(first.id(), first.timeMillis(), true)
            : new Appended.KeyReused();
      }
    }
    Message latest = topic == null ? null : topic.latest();
    if (!holds(append.condition(), latest)) {
      return new Appended.ConditionFailed(latest == null ? null : Id.of(epoch, latest));
    }
    if (key != null && keys.isFull()) {
      return new Appended.Unavailable(
          "too many idempotency keys came within "
              + MemoryKeys.KEPT_MILLIS / 60_000
              + " minutes (expected: fewer, or more memory for the log)");
    }
    if (topic == null) {
      topic = new MemoryTopic(name, policy, forgotten.through(name.name()));
      topics.put(name.name(), topic);
      names.put(name.name(), topic);
      bytes += TOPIC_BYTES + name.name().length();
    }
    newestMillis =
        Math.max(newestMillis, append.timeMillis() == Append.NOW ? now : append.timeMillis());
    Message message = store(append, topic, latest, newestMillis);
    committed.add(message);
    Id id = Id.of(epoch, message);
    if (key != null) {
      keys.add(name, key, new MemoryKeys.Answer(id, message.timeMillis(), digest));
    }
    return new Appended.Stored(id, message.timeMillis(), false);
  }

  private boolean holds(Condition condition, @Nullable Message latest) {
    boolean present = latest != null && !latest.deleted();
    if (condition instanceof Condition.LatestIs expected) {
      return latest != null && expected.id().equals(Id.of(epoch, latest));
    }
    return condition instanceof Condition.Any
        || (condition instanceof Condition.Present ? present : !present);
  }

  private Message store(
      Append append, MemoryTopic topic, @Nullable Message latest, long timeMillis) {
    long previous = Message.NONE;
    if (latest != null) {
      previous = latest.sequence();
    } else if (topic.lostThrough() > 0) {
      previous = Message.UNKNOWN;
    }
    Message message =
        new Message(
            append.topic(),
            partition,
            ++head,
            previous,
            timeMillis,
            append.type(),
            append.headers(),
            append.deleted() ? Payload.EMPTY : append.payload(),
            append.deleted());
    topic.add(message);
    log.put(message.sequence(), message);
    bytes += message.weight() + ENTRY_BYTES;
    while (topic.overfull()) {
      removeOldestOf(topic);
    }
    reschedule(topic);
    return message;
  }

  // ---------------------------------------------------------------- retention

  /** Tells the time, which never falls, and lets go of what is too old. */
  private long advance() {
    lastMillis = Math.max(lastMillis, clock.millis());
    keys.expire(lastMillis);
    for (int i = 0; i < EXPIRED_AT_ONCE && !ageing.isEmpty(); i++) {
      MemoryTopic topic = ageing.first();
      if (topic.dueMillis > lastMillis) {
        break;
      }
      removeOldestOf(topic);
      reschedule(topic);
    }
    return lastMillis;
  }

  private void shrink() {
    while (bytes > maxBytes && log.size() > 1) {
      MemoryTopic topic = requireNonNull(topics.get(log.firstEntry().getValue().topic().name()));
      removeOldestOf(topic);
      reschedule(topic);
    }
  }

  private void removeOldestOf(MemoryTopic topic) {
    Message message = topic.removeOldest();
    log.remove(message.sequence());
    bytes -= message.weight() + ENTRY_BYTES;
    lostThrough = Math.max(lostThrough, message.sequence());
    if (topic.isEmpty()) {
      String name = topic.topic.name();
      topics.remove(name);
      names.remove(name);
      bytes -= TOPIC_BYTES + name.length();
      forgotten.add(name, message.sequence());
    }
  }

  private void reschedule(MemoryTopic topic) {
    long due = topic.nextDueMillis();
    if (due != topic.dueMillis) {
      ageing.remove(topic);
      topic.dueMillis = due;
      if (due != MemoryTopic.NEVER) {
        ageing.add(topic);
      }
    }
  }

  // ---------------------------------------------------------------- read

  @Override
  public CompletionStage<Long> head(int partition) {
    return answer(partition, () -> head);
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    return answer(request.partition(), () -> forward(request));
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    return answer(request.partition(), () -> backward(request));
  }

  private Page forward(ReadRequest request) {
    long place = request.place();
    PageCut page = new PageCut(request);
    long through = Math.max(head, place);
    Set<MemoryTopic> few = few(request.topics());
    if (few != null) {
      PriorityQueue<Walk> walks =
          new PriorityQueue<>(Comparator.comparingLong((Walk walk) -> walk.next().sequence()));
      for (MemoryTopic topic : few) {
        int from = topic.countThrough(place);
        if (request.onlyLatest()) {
          from = Math.max(from, topic.size() - 1);
        }
        if (from < topic.size()) {
          walks.add(new Walk(topic, from, 1));
        }
      }
      if (!page.fill(walks)) {
        through = page.last();
      }
    } else {
      Matcher matcher = new Matcher(request.topics());
      int looked = 0;
      for (Message message : log.tailMap(place, false).values()) {
        if (page.isFull() || looked++ == SCANNED_MESSAGES) {
          page.cut();
          break;
        }
        through = message.sequence();
        if (matcher.matches(message.topic()) && (!request.onlyLatest() || isLatest(message))) {
          page.add(message);
        }
      }
      if (!page.isCut()) {
        through = Math.max(head, place);
      }
    }
    List<Gap> gaps = request.onlyLatest() ? List.of() : gaps(request, few, page.messages());
    return new Page(page.messages(), through, page.isCut(), gaps);
  }

  private Page backward(ReadRequest request) {
    long place = request.place();
    PageCut page = new PageCut(request);
    long through = 0;
    Set<MemoryTopic> few = few(request.topics());
    if (few != null) {
      PriorityQueue<Walk> walks =
          new PriorityQueue<>(
              Comparator.comparingLong((Walk walk) -> walk.next().sequence()).reversed());
      for (MemoryTopic topic : few) {
        int from = topic.countThrough(place - 1) - 1;
        if (from >= 0 && (!request.onlyLatest() || from == topic.size() - 1)) {
          walks.add(new Walk(topic, from, request.onlyLatest() ? -topic.size() : -1));
        }
      }
      if (!page.fill(walks)) {
        through = page.last();
      }
    } else {
      Matcher matcher = new Matcher(request.topics());
      int looked = 0;
      for (Message message : log.headMap(place, false).descendingMap().values()) {
        if (page.isFull() || looked++ == SCANNED_MESSAGES) {
          page.cut();
          break;
        }
        through = message.sequence();
        if (matcher.matches(message.topic()) && (!request.onlyLatest() || isLatest(message))) {
          page.add(message);
        }
      }
      if (!page.isCut()) {
        through = 0;
      }
    }
    return new Page(page.oldestFirst(), through, page.isCut(), List.of());
  }

  private boolean isLatest(Message message) {
    return requireNonNull(topics.get(message.topic().name())).latest() == message;
  }

  /** The topics that match, or null if there are so many that a walk along the log is better. */
  private @Nullable Set<MemoryTopic> few(List<TopicPattern> patterns) {
    Set<MemoryTopic> found = new LinkedHashSet<>();
    int looked = 0;
    for (TopicPattern pattern : patterns) {
      if (pattern.isTopic()) {
        MemoryTopic topic = topics.get(pattern.text());
        if (topic != null) {
          found.add(topic);
        }
        continue;
      }
      String prefix = pattern.prefix();
      for (MemoryTopic topic : names.tailMap(prefix, true).values()) {
        if (!topic.topic.name().startsWith(prefix)) {
          break;
        }
        if (++looked > MERGED_TOPICS) {
          return null;
        }
        if (pattern.matches(topic.topic)) {
          found.add(topic);
        }
      }
    }
    return found;
  }

  private List<Gap> gaps(
      ReadRequest request, @Nullable Set<MemoryTopic> few, List<Message> messages) {
    long place = request.place();
    if (lostThrough <= place) {
      return List.of();
    }
    Map<TopicPattern, Gap> gaps = new LinkedHashMap<>();
    if (few != null) {
      for (MemoryTopic topic : few) {
        if (topic.lostThrough() > place) {
          int next = topic.countThrough(place);
          long from = next < topic.size() ? topic.at(next).sequence() : 0;
          TopicPattern pattern = TopicPattern.of(topic.topic);
          gaps.put(pattern, new Gap(pattern, partition, from));
        }
      }
    }
    boolean exact = few != null && gaps.size() <= EXACT_GAPS;
    if (!exact) {
      gaps.clear();
    }
    long from = messages.isEmpty() ? 0 : messages.get(0).sequence();
    for (TopicPattern pattern : request.topics()) {
      boolean held = exact && pattern.isTopic() && topics.containsKey(pattern.text());
      long lost = exact ? forgotten.through(pattern) : lostThrough(pattern);
      if (!held && lost > place) {
        gaps.putIfAbsent(pattern, new Gap(pattern, partition, from));
      }
    }
    return List.copyOf(gaps.values());
  }

  private long lostThrough(TopicPattern pattern) {
    if (!pattern.isTopic()) {
      return lostThrough;
    }
    MemoryTopic topic = topics.get(pattern.text());
    return topic == null ? forgotten.through(pattern) : topic.lostThrough();
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return answer(
        partition,
        () -> {
          MemoryTopic held = topics.get(topic.name());
          return Optional.ofNullable(held == null ? null : held.latest());
        });
  }

  @Override
  public CompletionStage<Optional<TopicState>> state(Topic topic) {
    return answer(
        partition,
        () -> Optional.ofNullable(topics.get(topic.name())).map(held -> held.state(partition)));
  }

  @Override
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1 or more)");
    }
    return answer(partition, () -> list(prefix, after, limit));
  }

  private TopicPage list(String prefix, String after, int limit) {
    List<TopicState> listed = new ArrayList<>();
    boolean fromPrefix = TopicText.compareUtf8(prefix, after) > 0;
    NavigableMap<String, MemoryTopic> rest = names.tailMap(fromPrefix ? prefix : after, fromPrefix);
    if (prefix.isEmpty()) {
      // The server's own stand together, and may be many.
      if (TopicText.compareUtf8(after, "$") < 0) {
        collect(rest.headMap("$", false), prefix, limit + 1, listed);
      }
      rest = TopicText.compareUtf8(after, "%") < 0 ? names.tailMap("%", true) : rest;
    }
    collect(rest, prefix, limit + 1, listed);
    boolean more = listed.size() > limit;
    return new TopicPage(more ? listed.subList(0, limit) : listed, more);
  }

  private void collect(
      NavigableMap<String, MemoryTopic> from, String prefix, int limit, List<TopicState> into) {
    for (MemoryTopic topic : from.values()) {
      if (into.size() >= limit || !topic.topic.name().startsWith(prefix)) {
        return;
      }
      into.add(topic.state(partition));
    }
  }

  @Override
  public CompletionStage<Long> placeAt(int partition, Instant time) {
    return answer(partition, () -> placeAt(time.toEpochMilli()));
  }

  private long placeAt(long millis) {
    if (log.isEmpty() || log.lastEntry().getValue().timeMillis() < millis) {
      return head;
    }
    long low = log.firstKey();
    long high = log.lastKey();
    while (low < high) {
      long middle = low + high >>> 1;
      Message message = log.ceilingEntry(middle).getValue();
      if (message.timeMillis() < millis) {
        low = message.sequence() + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  private <T> CompletionStage<T> answer(int partition, Supplier<T> question) {
    if (partition != this.partition) {
      throw new IllegalArgumentException(
          "partition: " + partition + " (expected: " + this.partition + ")");
    }
    synchronized (state) {
      if (closed) {
        return CompletableFuture.failedStage(new LogException("the log is closed"));
      }
      advance();
      return CompletableFuture.completedStage(question.get());
    }
  }

  // ---------------------------------------------------------------- life

  @Override
  public Nodes nodes() {
    return nodes;
  }

  @Override
  public Interest follow(CommitListener listener) {
    return followers.follow(listener);
  }

  @Override
  public void close() {
    writing.lock();
    try {
      followers.close();
      synchronized (state) {
        closed = true;
        log.clear();
        topics.clear();
        names.clear();
        ageing.clear();
        keys.clear();
        bytes = 0;
      }
    } finally {
      writing.unlock();
    }
  }
}
