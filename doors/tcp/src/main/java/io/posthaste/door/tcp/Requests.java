package io.posthaste.door.tcp;

import io.posthaste.core.Append;
import io.posthaste.core.Condition;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.v1.Header;
import io.posthaste.door.tcp.v1.Poll;
import io.posthaste.door.tcp.v1.Publish;
import io.posthaste.door.tcp.v1.Subscribe;
import io.posthaste.server.Beginning;
import io.posthaste.server.JsonCheck;
import io.posthaste.server.MessageRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes the core's requests of the wire's. Whatever breaks a rule is a {@link MalformedException}
 * that is fit to be shown to the client.
 */
final class Requests {
  private static final int DEFAULT_LIMIT = 100;
  private static final long MAX_WAIT_MILLIS = 60_000;

  private Requests() {}

  static Subscription subscription(Subscribe wire) {
    Start start =
        switch (wire.getStartCase()) {
          case AFTER -> Beginning.after(wire.getAfter());
          case LAST -> new Start.Last(wire.getLast());
          case CONSUMER -> new Start.Consumer(wire.getConsumer());
          case START_NOT_SET -> Start.NOW;
        };
    return new Subscription(patterns(wire.getTopicsList()), start, wire.getOnlyLatest());
  }

  static io.posthaste.core.Poll poll(Poll wire) {
    Start start =
        switch (wire.getStartCase()) {
          case AFTER -> Beginning.after(wire.getAfter());
          case LAST -> new Start.Last(wire.getLast());
          case CONSUMER -> new Start.Consumer(wire.getConsumer());
          case START_NOT_SET -> Start.NOW;
        };
    int limit = wire.getLimit() == 0 ? DEFAULT_LIMIT : wire.getLimit();
    return new io.posthaste.core.Poll(
        new Subscription(patterns(wire.getTopicsList()), start, wire.getOnlyLatest()),
        limit,
        spread(Integer.toUnsignedLong(wire.getWaitMillis())));
  }

  /** Spread, so that many who began together do not all come back together. */
  private static long spread(long millis) {
    long wait = Math.min(millis, MAX_WAIT_MILLIS);
    return wait - (long) (wait * 0.2 * ThreadLocalRandom.current().nextDouble());
  }

  private static List<TopicPattern> patterns(List<String> topics) {
    if (topics.isEmpty() || topics.size() > Subscription.MAX_TOPICS) {
      throw new MalformedException(
          "topics: " + topics.size() + " (expected: 1 to " + Subscription.MAX_TOPICS + ")");
    }
    List<TopicPattern> patterns = new ArrayList<>(topics.size());
    for (String topic : topics) {
      patterns.add(TopicPattern.ofUrl(topic));
    }
    return patterns;
  }

  /** A message to publish, or a tombstone. */
  static Append append(Publish wire) {
    Topic topic = new Topic(wire.getTopic());
    String key = wire.getKey().isEmpty() ? null : wire.getKey();
    String match = wire.getMatch();
    if (wire.getDeleted()) {
      Append tombstone = Append.tombstone(topic).withKey(key);
      return match.isEmpty() ? tombstone : tombstone.when(MessageRules.condition(match));
    }
    String type = wire.getType();
    MessageRules.checkType(type);
    byte[] payload = wire.getPayload().toByteArray();
    if (JsonCheck.isJson(type)) {
      JsonCheck.check("payload", payload);
    }
    return new Append(
        topic,
        type,
        headers(wire.getHeadersList()),
        Payload.wrap(payload),
        false,
        match.isEmpty() ? Condition.ANY : MessageRules.condition(match),
        key);
  }

  private static Map<String, String> headers(List<Header> wire) {
    if (wire.isEmpty()) {
      return Map.of();
    }
    if (wire.size() > MessageRules.MAX_HEADERS) {
      throw new MalformedException(
          "headers: " + wire.size() + " (expected: at most " + MessageRules.MAX_HEADERS + ")");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : wire) {
      MessageRules.checkHeader(header.getName(), header.getValue());
      if (headers.put(header.getName(), header.getValue()) != null) {
        throw new MalformedException(
            "headers: " + header.getName() + " twice (expected: a name once)");
      }
    }
    return headers;
  }
}
