package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Compares a log with its copy, topic by topic: by the number of messages and a digest of all that
 * a copy keeps of them, in their order. That the copy's policies keep only the newest of a topic is
 * no difference, and neither is what they cannot take. Holds a few hundred topics at a time,
 * whatever the size of the logs.
 *
 * <p>Blocks the calling thread on both logs. Not thread-safe.
 */
public final class LogComparison {
  private static final int PAGE_MESSAGES = 1_000;
  private static final int PAGE_BYTES = 4 << 20;
  private static final int CHUNK = 256;

  /**
   * A topic that is not the same in both.
   *
   * @param topic the topic
   * @param what how it differs, for people
   */
  public record Difference(Topic topic, String what) {}

  /**
   * What was found.
   *
   * @param topics how many topics were compared
   * @param messages how many messages are in both
   * @param consumers how many consumers are in both
   * @param notKept how many messages the copy's policies do not keep by count, bytes or age
   * @param notKeptOf of how many topics
   * @param differences how many topics differ
   */
  public record Result(
      long topics, long messages, long consumers, long notKept, long notKeptOf, long differences) {}

  private final Log log;
  private final Log copy;
  private final Consumer<Difference> listener;
  private long topics;
  private long messages;
  private long consumers;
  private long notKept;
  private long notKeptOf;
  private long differences;

  /**
   * A comparison that is yet to be made. Both logs stay the caller's, and must not be published to
   * meanwhile.
   *
   * @param listener told of each topic that differs, on the thread that compares
   */
  public LogComparison(Log log, Log copy, Consumer<Difference> listener) {
    this.log = requireNonNull(log, "log");
    this.copy = requireNonNull(copy, "copy");
    this.listener = requireNonNull(listener, "listener");
  }

  /**
   * Compares.
   *
   * @throws LogException if a log fails
   */
  public Result run() {
    compare("");
    compare("$");
    return new Result(topics, messages, consumers, notKept, notKeptOf, differences);
  }

  private void compare(String prefix) {
    String after = "";
    boolean more = true;
    while (more) {
      TopicPage here = LogWaits.answer(log.topics(prefix, after, CHUNK));
      TopicPage there = LogWaits.answer(copy.topics(prefix, after, CHUNK));
      TreeSet<String> chunk = new TreeSet<>(TopicText::compareUtf8);
      here.topics().forEach(state -> chunk.add(state.topic().name()));
      there.topics().forEach(state -> chunk.add(state.topic().name()));
      cutBehind(chunk, here);
      cutBehind(chunk, there);
      compare(chunk);
      more = here.more() || there.more();
      after = chunk.isEmpty() ? after : chunk.last();
    }
  }

  /** Of names beyond a page that was cut nothing is known yet. */
  private static void cutBehind(TreeSet<String> chunk, TopicPage page) {
    if (page.more()) {
      TopicState last = page.topics().get(page.topics().size() - 1);
      chunk.tailSet(last.topic().name(), false).clear();
    }
  }

  private void compare(TreeSet<String> chunk) {
    List<Topic> both = new ArrayList<>();
    for (String name : chunk) {
      Topic topic = new Topic(name);
      if (name.startsWith(Consumers.PREFIX)) {
        compareConsumer(topic);
      } else if (LogCopy.isCopied(topic) && !copy.policies().of(topic).memory()) {
        both.add(topic);
      }
    }
    Map<Topic, CopyDigest> there = digests(copy, both, message -> true);
    Map<Topic, Expected> expected = expected(both);
    Map<Topic, Long> toSkip = new HashMap<>();
    expected.forEach((topic, e) -> toSkip.put(topic, e.count - found(there, topic).count()));
    Map<Topic, CopyDigest> here =
        digests(
            log,
            both,
            message -> fits(message) && toSkip.merge(message.topic(), -1L, Long::sum) < 0);
    for (Topic topic : both) {
      compare(
          topic,
          expected.getOrDefault(topic, new Expected()),
          found(here, topic),
          found(there, topic));
    }
  }

  private void compareConsumer(Topic topic) {
    boolean here = isThere(log, topic);
    if (here != isThere(copy, topic)) {
      differs(topic, here ? "the consumer is not in the copy" : "the consumer is in the copy only");
    } else if (here) {
      consumers++;
    }
  }

  private static boolean isThere(Log log, Topic topic) {
    return LogWaits.answer(log.latest(topic)).filter(message -> !message.deleted()).isPresent();
  }

  /** What the copy's policies keep of a topic at the least, of what there is. */
  private static final class Expected {
    long count;
    long bytes;
    long young;
  }

  private Map<Topic, Expected> expected(List<Topic> of) {
    Map<Topic, Expected> all = new HashMap<>();
    long now = System.currentTimeMillis();
    each(
        log,
        of,
        message -> {
          if (fits(message)) {
            Expected expected = all.computeIfAbsent(message.topic(), t -> new Expected());
            expected.count++;
            expected.bytes += message.payload().length();
            if (message.timeMillis() + ageMillis(message.topic()) > now) {
              expected.young++;
            }
          }
        });
    return all;
  }

  private long ageMillis(Topic topic) {
    long seconds = copy.policies().of(topic).age().getSeconds();
    return Math.min(seconds, Long.MAX_VALUE / 4_000) * 1_000;
  }

  private boolean fits(Message message) {
    return message.payload().length() <= copy.policies().of(message.topic()).maxMessageBytes();
  }

  private void compare(Topic topic, Expected expected, CopyDigest here, CopyDigest there) {
    topics++;
    long has = there.count();
    if (has > expected.count) {
      differs(topic, "the copy has " + has + " messages (expected: " + expected.count + ")");
      return;
    }
    Policy policy = copy.policies().of(topic);
    boolean bytesMayExplain = expected.bytes > policy.bytes();
    long least = Math.min(Math.min(expected.count, policy.count()), expected.young);
    if (has < least && !bytesMayExplain) {
      differs(topic, "the copy has " + has + " messages (expected: " + least + " or more)");
      return;
    }
    if (!here.hex().equals(there.hex())) {
      differs(topic, "the newest " + has + " messages are not the same");
      return;
    }
    messages += has;
    if (has < expected.count) {
      notKept += expected.count - has;
      notKeptOf++;
    }
  }

  private void differs(Topic topic, String what) {
    differences++;
    listener.accept(new Difference(topic, what));
  }

  private static CopyDigest found(Map<Topic, CopyDigest> digests, Topic topic) {
    return requireNonNull(digests.get(topic));
  }

  private static Map<Topic, CopyDigest> digests(Log log, List<Topic> of, Predicate<Message> taken) {
    Map<Topic, CopyDigest> digests = new HashMap<>();
    of.forEach(topic -> digests.put(topic, new CopyDigest()));
    each(
        log,
        of,
        message -> {
          if (taken.test(message)) {
            found(digests, message.topic()).add(message);
          }
        });
    return digests;
  }

  private static void each(Log log, List<Topic> of, Consumer<Message> each) {
    Map<Integer, List<TopicPattern>> byPartition = new HashMap<>();
    for (Topic topic : of) {
      byPartition
          .computeIfAbsent(log.partitionOf(topic), p -> new ArrayList<>())
          .add(TopicPattern.of(topic));
    }
    byPartition.forEach((partition, patterns) -> each(log, partition, patterns, each));
  }

  private static void each(
      Log log, int partition, List<TopicPattern> patterns, Consumer<Message> each) {
    long place = 0;
    boolean more = true;
    while (more) {
      Page page =
          LogWaits.answer(
              log.read(
                  new ReadRequest(partition, patterns, place, PAGE_MESSAGES, PAGE_BYTES, false)));
      page.messages().forEach(each);
      place = page.through();
      more = page.more();
    }
  }
}
