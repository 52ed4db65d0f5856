package io.posthaste.engine.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.core.Forgotten;
import io.posthaste.core.Gap;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.TopicState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Reads the store. Every method may block on the disk, so they are called on the reading threads
 * only; each works on a view of one moment.
 *
 * <p>A read of few topics takes their places from the index and fetches these; one of many walks
 * along the log and looks at each message. Whichever is likely to look at less is chosen.
 */
final class LogReader {
  private static final int PARTITION = GroupWriter.PARTITION;

  /** To find a topic in the index costs about as much as so many steps along the log. */
  private static final int STEPS_PER_TOPIC = 8;

  /** A pattern over more topics is read along the log. */
  private static final int MERGED_TOPICS = 512;

  /** A walk along the log looks at most at so much a page. */
  private static final int WALKED_MESSAGES = 4_096;

  private static final long WALKED_BYTES = 16 << 20;

  /** So many gaps are told by topic; beyond, by the pattern that was asked for. */
  private static final int EXACT_GAPS = 100;

  private static final byte[] AFTER_SERVERS_OWN = Layout.utf8("%");

  private final Store store;
  private final GroupWriter writer;
  private final Forgotten forgotten;

  LogReader(Store store, GroupWriter writer, Forgotten forgotten) {
    this.store = store;
    this.writer = writer;
    this.forgotten = forgotten;
  }

  Page forward(ReadRequest request) throws RocksDBException {
    long head = writer.head(); // before the view: all up to it is in there
    long place = request.place();
    if (place >= head) {
      return new Page(List.of(), place, false, List.of());
    }
    try (View view = new View(store)) {
      Gathering page = new Gathering(request);
      List<byte[]> few = few(view, request.topics(), head - place);
      if (few == null) {
        walk(view, page, head);
      } else {
        fetch(view, page, nearestAbove(view, few, request, head));
      }
      view.check();
      List<Gap> gaps =
          request.onlyLatest() ? List.of() : gaps(view, request.topics(), place, page.messages);
      return new Page(page.messages, page.cut ? page.through : head, page.cut, gaps);
    }
  }

  Page backward(ReadRequest request) throws RocksDBException {
    long head = writer.head();
    if (request.place() <= 1 || head == 0) {
      return new Page(List.of(), 0, false, List.of());
    }
    try (View view = new View(store)) {
      Gathering page = new Gathering(request);
      List<byte[]> few = few(view, request.topics(), Math.min(request.place(), head));
      if (few == null) {
        walkBack(view, page, head);
      } else {
        fetch(view, page, nearestBelow(view, few, request, head));
      }
      view.check();
      Collections.reverse(page.messages);
      return new Page(page.messages, page.cut ? page.through : 0, page.cut, List.of());
    }
  }

  /** A page that is being filled. */
  private static final class Gathering {
    final ReadRequest request;
    final Set<String> plain = new HashSet<>();
    final List<TopicPattern> patterns = new ArrayList<>();
    final List<Message> messages = new ArrayList<>();
    private long weight;
    private @Nullable Topic last;

    /** The place of the last that was looked at. */
    long through;

    boolean cut;

    Gathering(ReadRequest request) {
      this.request = request;
      for (TopicPattern topics : request.topics()) {
        if (topics.isTopic()) {
          plain.add(topics.text());
        } else {
          patterns.add(topics);
        }
      }
    }

    boolean isFull() {
      return messages.size() >= request.maxMessages() || weight >= request.maxBytes();
    }

    /** The topic as an object, the one before if it is the same. */
    Topic topic(byte[] value) {
      String name = Layout.topicOf(value);
      Topic topic = last;
      if (topic == null || !topic.name().equals(name)) {
        topic = new Topic(name);
        last = topic;
      }
      return topic;
    }

    boolean matches(Topic topic) {
      return plain.contains(topic.name()) || TopicPattern.anyMatches(patterns, topic);
    }

    void add(long sequence, Topic topic, byte[] value) {
      Message message = Layout.read(PARTITION, sequence, topic, value);
      messages.add(message);
      weight += message.weight();
    }
  }

  // ---------------------------------------------------------------- by the index

  /**
   * The topics that match, or null if a walk along so many messages would look at less.
   *
   * @param distance how many sequences are asked about
   */
  private @Nullable List<byte[]> few(View view, List<TopicPattern> patterns, long distance) {
    long most = distance / STEPS_PER_TOPIC + 1;
    Set<String> found = new HashSet<>();
    List<byte[]> topics = new ArrayList<>();
    for (TopicPattern pattern : patterns) {
      if (pattern.isTopic()) {
        if (found.add(pattern.text())) {
          topics.add(Layout.utf8(pattern.text()));
        }
      } else {
        List<String> expanded = expand(view, pattern, (int) Math.min(most, MERGED_TOPICS));
        if (expanded == null) {
          return null;
        }
        for (String name : expanded) {
          if (found.add(name)) {
            topics.add(Layout.utf8(name));
          }
        }
      }
      if (topics.size() > most) {
        return null;
      }
    }
    return topics;
  }

  /** The topics that match; null if more than so many stand under the pattern's prefix. */
  private static @Nullable List<String> expand(View view, TopicPattern pattern, int most) {
    byte[] prefix = Layout.utf8(pattern.prefix());
    List<String> found = new ArrayList<>();
    RocksIterator index = view.index();
    index.seek(prefix);
    for (int looked = 0; index.isValid(); looked++) {
      byte[] topic = Layout.topicOfIndexKey(index.key());
      if (!startsWith(topic, prefix)) {
        break;
      }
      if (looked == most) {
        return null;
      }
      String name = new String(topic, UTF_8);
      if (pattern.matches(new Topic(name))) {
        found.add(name);
      }
      index.seek(Layout.indexKey(topic, Long.MAX_VALUE));
    }
    return found;
  }

  private static boolean startsWith(byte[] topic, byte[] prefix) {
    return topic.length >= prefix.length
        && Arrays.equals(topic, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static List<Long> nearestAbove(
      View view, List<byte[]> topics, ReadRequest request, long head) {
    long place = request.place();
    int wanted = request.maxMessages() + 1; // one more tells whether there is more
    PriorityQueue<Long> nearest = new PriorityQueue<>(Comparator.reverseOrder());
    for (byte[] topic : topics) {
      if (request.onlyLatest()) {
        Layout.Entry newest = view.newest(topic, head);
        if (newest != null && newest.sequence() > place) {
          offer(nearest, newest.sequence(), wanted);
        }
        continue;
      }
      Layout.Entry entry = view.oldest(topic, place + 1);
      while (entry != null
          && entry.sequence() <= head
          && offer(nearest, entry.sequence(), wanted)) {
        view.index().next();
        entry = view.here(topic);
      }
    }
    List<Long> sequences = new ArrayList<>(nearest);
    Collections.sort(sequences);
    return sequences;
  }

  private static List<Long> nearestBelow(
      View view, List<byte[]> topics, ReadRequest request, long head) {
    int wanted = request.maxMessages() + 1;
    long from = Math.min(request.place() - 1, head);
    PriorityQueue<Long> nearest = new PriorityQueue<>();
    for (byte[] topic : topics) {
      if (request.onlyLatest()) {
        Layout.Entry newest = view.newest(topic, head);
        if (newest != null && newest.sequence() <= from) {
          offer(nearest, newest.sequence(), wanted);
        }
        continue;
      }
      Layout.Entry entry = view.newest(topic, from);
      while (entry != null && offer(nearest, entry.sequence(), wanted)) {
        view.index().prev();
        entry = view.here(topic);
      }
    }
    List<Long> sequences = new ArrayList<>(nearest);
    sequences.sort(Comparator.reverseOrder());
    return sequences;
  }

  /** Whether it is among the nearest so far; the queue has the farthest of these first. */
  private static boolean offer(PriorityQueue<Long> nearest, long sequence, int wanted) {
    if (nearest.size() < wanted) {
      nearest.add(sequence);
      return true;
    }
    if (nearest.comparator() == null
        ? sequence <= nearest.element()
        : sequence >= nearest.element()) {
      return false;
    }
    nearest.remove();
    nearest.add(sequence);
    return true;
  }

  private static void fetch(View view, Gathering page, List<Long> sequences)
      throws RocksDBException {
    for (long sequence : sequences) {
      if (page.isFull()) {
        page.cut = true;
        return;
      }
      byte[] value = view.message(sequence);
      if (value != null) {
        page.add(sequence, page.topic(value), value);
      }
      page.through = sequence;
    }
  }

  // ---------------------------------------------------------------- along the log

  private static void walk(View view, Gathering page, long head) {
    RocksIterator log = view.log();
    long place = page.request.place();
    int looked = 0;
    long bytes = 0;
    page.through = place;
    for (log.seek(Layout.sequenceKey(place + 1)); log.isValid(); log.next()) {
      long sequence = Layout.sequenceOf(log.key());
      if (sequence > head) {
        return;
      }
      if (page.isFull() || looked++ == WALKED_MESSAGES || bytes > WALKED_BYTES) {
        page.cut = true;
        return;
      }
      bytes += look(view, page, sequence, head);
      page.through = sequence;
    }
  }

  private static void walkBack(View view, Gathering page, long head) {
    RocksIterator log = view.log();
    long from = Math.min(page.request.place() - 1, head);
    int looked = 0;
    long bytes = 0;
    for (log.seekForPrev(Layout.sequenceKey(from)); log.isValid(); log.prev()) {
      if (page.isFull() || looked++ == WALKED_MESSAGES || bytes > WALKED_BYTES) {
        page.cut = true;
        return;
      }
      long sequence = Layout.sequenceOf(log.key());
      bytes += look(view, page, sequence, head);
      page.through = sequence;
    }
  }

  private static int look(View view, Gathering page, long sequence, long head) {
    byte[] value = view.log().value();
    Topic topic = page.topic(value);
    if (page.matches(topic)
        && (!page.request.onlyLatest() || isNewest(view, topic, sequence, head))) {
      page.add(sequence, topic, value);
    }
    return value.length;
  }

  private static boolean isNewest(View view, Topic topic, long sequence, long head) {
    Layout.Entry next = view.oldest(Layout.utf8(topic.name()), sequence + 1);
    return next == null || next.sequence() > head;
  }

  // ---------------------------------------------------------------- gaps

  private List<Gap> gaps(
      View view, List<TopicPattern> patterns, long place, List<Message> messages) {
    // After the view was taken: what is missing in there is counted in here.
    if (writer.lostThrough() <= place) {
      return List.of();
    }
    long from = messages.isEmpty() ? 0 : messages.get(0).sequence();
    Map<TopicPattern, Gap> gaps = new LinkedHashMap<>();
    for (TopicPattern pattern : patterns) {
      if (pattern.isTopic()) {
        addGap(view, pattern, place, gaps);
        continue;
      }
      List<String> topics = expand(view, pattern, MERGED_TOPICS);
      Map<TopicPattern, Gap> exact = new LinkedHashMap<>();
      if (topics != null) {
        topics.forEach(topic -> addGap(view, new TopicPattern(topic), place, exact));
      }
      boolean all = topics == null || exact.size() > EXACT_GAPS;
      if (!all) {
        gaps.putAll(exact);
      }
      if (all || forgotten.through(pattern) > place) {
        gaps.put(pattern, new Gap(pattern, PARTITION, from));
      }
    }
    return List.copyOf(gaps.values());
  }

  private void addGap(View view, TopicPattern pattern, long place, Map<TopicPattern, Gap> gaps) {
    byte[] topic = Layout.utf8(pattern.text());
    Layout.Entry oldest = view.oldest(topic, 0);
    long lost;
    if (oldest == null || oldest.previous() == Message.UNKNOWN) {
      lost = forgotten.through(pattern);
    } else {
      lost = oldest.previous();
    }
    if (lost > place) {
      Layout.Entry next = oldest == null ? null : view.oldest(topic, place + 1);
      gaps.put(pattern, new Gap(pattern, PARTITION, next == null ? 0 : next.sequence()));
    }
  }

  // ---------------------------------------------------------------- topics

  Optional<Message> latest(Topic topic) throws RocksDBException {
    long head = writer.head();
    try (View view = new View(store)) {
      Layout.Entry newest = view.newest(Layout.utf8(topic.name()), head);
      view.check();
      byte[] value = newest == null ? null : view.message(newest.sequence());
      return newest == null || value == null
          ? Optional.empty()
          : Optional.of(Layout.read(PARTITION, newest.sequence(), topic, value));
    }
  }

  Optional<TopicState> state(Topic topic) throws RocksDBException {
    long head = writer.head();
    try (View view = new View(store)) {
      byte[] name = Layout.utf8(topic.name());
      Layout.Entry oldest = view.oldest(name, 0);
      Layout.Entry newest = view.newest(name, head);
      view.check();
      return oldest == null || newest == null
          ? Optional.empty()
          : Optional.of(state(topic, oldest, newest));
    }
  }

  private static TopicState state(Topic topic, Layout.Entry oldest, Layout.Entry newest) {
    return new TopicState(
        topic,
        PARTITION,
        oldest.sequence(),
        newest.sequence(),
        newest.number() - oldest.number() + 1,
        newest.total() - oldest.total() + oldest.size(),
        newest.deleted());
  }

  TopicPage topics(String prefix, String after, int limit) throws RocksDBException {
    long head = writer.head();
    byte[] begin = Layout.utf8(prefix);
    byte[] beyond = Layout.indexKey(Layout.utf8(after), Long.MAX_VALUE);
    List<TopicState> listed = new ArrayList<>();
    try (View view = new View(store)) {
      RocksIterator index = view.index();
      index.seek(after.isEmpty() || Arrays.compareUnsigned(begin, beyond) > 0 ? begin : beyond);
      while (index.isValid()) {
        byte[] topic = Layout.topicOfIndexKey(index.key());
        if (!startsWith(topic, begin)) {
          break;
        }
        if (begin.length == 0 && topic[0] == '$') {
          index.seek(AFTER_SERVERS_OWN);
          continue;
        }
        if (listed.size() == limit) {
          return new TopicPage(listed, true);
        }
        Layout.Entry oldest = Layout.entry(index.key(), index.value());
        Layout.Entry newest = view.newest(topic, head);
        if (newest != null) {
          listed.add(state(new Topic(new String(topic, UTF_8)), oldest, newest));
        }
        index.seek(Layout.indexKey(topic, Long.MAX_VALUE));
      }
      view.check();
      return new TopicPage(listed, false);
    }
  }

  /** The first of the topics that the filter takes. */
  static Optional<Topic> find(Store store, TopicPattern pattern, Predicate<Topic> filter)
      throws RocksDBException {
    byte[] prefix = Layout.utf8(pattern.prefix());
    try (View view = new View(store)) {
      RocksIterator index = view.index();
      index.seek(prefix);
      while (index.isValid()) {
        byte[] name = Layout.topicOfIndexKey(index.key());
        if (!startsWith(name, prefix)) {
          break;
        }
        Topic topic = new Topic(new String(name, UTF_8));
        if (pattern.matches(topic) && filter.test(topic)) {
          return Optional.of(topic);
        }
        index.seek(Layout.indexKey(name, Long.MAX_VALUE));
      }
      view.check();
      return Optional.empty();
    }
  }

  // ---------------------------------------------------------------- time

  long placeAt(long millis) throws RocksDBException {
    long head = writer.head();
    ByteBuffer direct = ByteBuffer.allocateDirect(32);
    try (View view = new View(store)) {
      RocksIterator log = view.log();
      log.seekToFirst();
      if (!log.isValid()) {
        return head;
      }
      long low = Layout.sequenceOf(log.key());
      long high = head + 1; // the least that is known to be late enough, or the head's next
      while (low < high) {
        long middle = low + high >>> 1;
        log.seek(Layout.sequenceKey(middle));
        long sequence = log.isValid() ? Layout.sequenceOf(log.key()) : high;
        if (sequence >= high || timeHere(view, direct) >= millis) {
          high = middle;
        } else {
          low = sequence + 1;
        }
      }
      view.check();
      return low - 1;
    }
  }

  private static long timeHere(View view, ByteBuffer direct) {
    byte[] beginning = new byte[32];
    view.peek(direct, beginning);
    return Layout.timeOf(beginning);
  }
}
