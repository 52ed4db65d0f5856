package io.posthaste.bench;

import java.time.Duration;

/**
 * How much of what is put on a server. Reader {@code r} of connection {@code c} follows topic
 * {@code (c * subscriptions + r) mod topics}; message {@code i} goes to topic {@code i mod
 * publishedTopics}, each topic by one publishing connection.
 *
 * @param technique how readers wait
 * @param connections readers' connections
 * @param subscriptions readers on each connection; more than 1 needs WebSocket and an opening with
 *     a frame
 * @param topics topics that are read
 * @param publishedTopics how many of them, from the first, are published to
 * @param messages messages in all, over all topics; 0 publishes nothing
 * @param rate messages a second over all topics, evenly spaced
 * @param size payload bytes, at least {@link Stamp#BYTES}
 * @param stalled how many connections, from the first, stop reading once they wait
 * @param idle how long all are held before anything is published
 * @param connectRate new connections a second
 * @param settle the pause between the last reader's readiness and the first message
 * @param drain how long after the last arrival missing ones are waited for
 * @param limit the whole run is given up after this
 * @param publishers publishing connections
 * @param depth unanswered requests on each of them
 */
public record Load(
    Technique technique,
    int connections,
    int subscriptions,
    int topics,
    int publishedTopics,
    int messages,
    double rate,
    int size,
    int stalled,
    Duration idle,
    int connectRate,
    Duration settle,
    Duration drain,
    Duration limit,
    int publishers,
    int depth) {

  /** Checks the limits. */
  public Load {
    atLeast("connections", connections, 1);
    atLeast("subscriptions", subscriptions, 1);
    atLeast("topics", topics, 1);
    atLeast(
        "topics", (int) Math.min(Integer.MAX_VALUE, (long) connections * subscriptions), topics);
    atLeast("published topics", publishedTopics, 1);
    atLeast("topics", topics, publishedTopics);
    atLeast("messages", messages, 0);
    atLeast("size", size, Stamp.BYTES);
    atLeast("stalled", stalled, 0);
    atLeast("connections", connections, stalled);
    atLeast("connect rate", connectRate, 1);
    atLeast("publishers", publishers, 1);
    atLeast("depth", depth, 1);
    if (subscriptions > topics) {
      throw new IllegalArgumentException(
          "subscriptions: " + subscriptions + " (expected: at most one a topic, " + topics + ")");
    }
    if (messages > 0 && !(rate > 0)) {
      throw new IllegalArgumentException("rate: " + rate + " (expected: above 0)");
    }
  }

  /** One topic, many readers: the usual beginning. */
  public static Load fanOut(Technique technique, int connections, int messages, double rate) {
    return new Load(
        technique,
        connections,
        1,
        1,
        1,
        messages,
        rate,
        100,
        0,
        Duration.ZERO,
        2_000,
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(300),
        4,
        64);
  }

  /** The same over so many topics, all published to. */
  public Load overTopics(int count) {
    return overTopics(count, count);
  }

  /** The same over so many topics, of which some are published to. */
  public Load overTopics(int count, int published) {
    return new Load(
        technique,
        connections,
        subscriptions,
        count,
        published,
        messages,
        rate,
        size,
        stalled,
        idle,
        connectRate,
        settle,
        drain,
        limit,
        publishers,
        depth);
  }

  /** The same with many readers on each connection. */
  public Load subscriptions(int each, int overTopics) {
    return new Load(
        technique,
        connections,
        each,
        overTopics,
        overTopics,
        messages,
        rate,
        size,
        stalled,
        idle,
        connectRate,
        settle,
        drain,
        limit,
        publishers,
        depth);
  }

  /** The same with other messages. */
  public Load publishing(int count, double perSecond) {
    return new Load(
        technique,
        connections,
        subscriptions,
        topics,
        publishedTopics,
        count,
        perSecond,
        size,
        stalled,
        idle,
        connectRate,
        settle,
        drain,
        limit,
        publishers,
        depth);
  }

  /** The same with payloads of so many bytes. */
  public Load size(int bytes) {
    return new Load(
        technique,
        connections,
        subscriptions,
        topics,
        publishedTopics,
        messages,
        rate,
        bytes,
        stalled,
        idle,
        connectRate,
        settle,
        drain,
        limit,
        publishers,
        depth);
  }

  /** The same with so many connections that stop reading. */
  public Load stalled(int count) {
    return new Load(
        technique,
        connections,
        subscriptions,
        topics,
        publishedTopics,
        messages,
        rate,
        size,
        count,
        idle,
        connectRate,
        settle,
        drain,
        limit,
        publishers,
        depth);
  }

  /** The same, held for a while before anything is published. */
  public Load idle(Duration time) {
    return new Load(
        technique,
        connections,
        subscriptions,
        topics,
        publishedTopics,
        messages,
        rate,
        size,
        stalled,
        time,
        connectRate,
        settle,
        drain,
        limit,
        publishers,
        depth);
  }

  /** The same with other times. */
  public Load timing(int connectsPerSecond, Duration toSettle, Duration toDrain, Duration inAll) {
    return new Load(
        technique,
        connections,
        subscriptions,
        topics,
        publishedTopics,
        messages,
        rate,
        size,
        stalled,
        idle,
        connectsPerSecond,
        toSettle,
        toDrain,
        inAll,
        publishers,
        depth);
  }

  /** The same with other publishing connections. */
  public Load publishers(int count, int requestsEach) {
    return new Load(
        technique,
        connections,
        subscriptions,
        topics,
        publishedTopics,
        messages,
        rate,
        size,
        stalled,
        idle,
        connectRate,
        settle,
        drain,
        limit,
        count,
        requestsEach);
  }

  long readers() {
    return (long) connections * subscriptions;
  }

  int topicOf(int reader) {
    return reader % topics;
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: at least " + least + ")");
    }
  }
}
