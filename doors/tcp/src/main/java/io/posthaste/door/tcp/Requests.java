package io.posthaste.door.tcp;

import io.posthaste.core.Append;
import io.posthaste.core.Condition;
import io.posthaste.core.Cursor;
import io.posthaste.core.Id;
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
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * Makes the core's requests of the wire's. Whatever breaks a rule is a {@link MalformedException}
 * that is fit to be shown to the client.
 */
final class Requests {
  private static final int MAX_TYPE_CHARS = 256;
  private static final int MAX_HEADERS = 64;
  private static final int MAX_HEADER_CHARS = 4_096;
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");
  private static final int DEFAULT_LIMIT = 100;
  private static final long MAX_WAIT_MILLIS = 60_000;

  private Requests() {}

  static Subscription subscription(Subscribe wire) {
    Start start =
        switch (wire.getStartCase()) {
          case AFTER -> after(wire.getAfter());
          case LAST -> new Start.Last(wire.getLast());
          case CONSUMER -> new Start.Consumer(wire.getConsumer());
          case START_NOT_SET -> Start.NOW;
        };
    return new Subscription(patterns(wire.getTopicsList()), start, wire.getOnlyLatest());
  }

  static io.posthaste.core.Poll poll(Poll wire) {
    Start start =
        switch (wire.getStartCase()) {
          case AFTER -> after(wire.getAfter());
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

  private static Start after(String text) {
    if (text.equals("0")) {
      return Start.BEGINNING;
    }
    if (!text.startsWith("@")) {
      return new Start.After(Cursor.parse(text));
    }
    try {
      return new Start.Since(OffsetDateTime.parse(text.substring(1)).toInstant());
    } catch (DateTimeException e) {
      throw new MalformedException(
          "after: not a time (expected: RFC 3339, as in @2026-11-22T10:00:00Z)");
    }
  }

  /** A message to publish, or a tombstone. */
  static Append append(Publish wire) {
    Topic topic = new Topic(wire.getTopic());
    String key = wire.getKey().isEmpty() ? null : wire.getKey();
    if (wire.getDeleted()) {
      Append tombstone = Append.tombstone(topic).withKey(key);
      return wire.getMatch().isEmpty() ? tombstone : tombstone.when(condition(wire.getMatch()));
    }
    String type = wire.getType();
    checkType(type);
    byte[] payload = wire.getPayload().toByteArray();
    if (JsonCheck.isJson(type)) {
      JsonCheck.check(payload);
    }
    return new Append(
        topic,
        type,
        headers(wire.getHeadersList()),
        Payload.wrap(payload),
        false,
        condition(wire.getMatch()),
        key);
  }

  private static Condition condition(String match) {
    return switch (match) {
      case "" -> Condition.ANY;
      case "*" -> Condition.PRESENT;
      case "none" -> Condition.ABSENT;
      default -> new Condition.LatestIs(Id.parse(match));
    };
  }

  private static void checkType(String type) {
    boolean good = type.length() <= MAX_TYPE_CHARS;
    for (int i = 0; good && i < type.length(); i++) {
      good = type.charAt(i) >= ' ' && type.charAt(i) < 0x7f;
    }
    if (!good) {
      throw new MalformedException(
          "type: not a Content-Type (expected: at most " + MAX_TYPE_CHARS + " of visible ASCII)");
    }
  }

  private static Map<String, String> headers(List<Header> wire) {
    if (wire.isEmpty()) {
      return Map.of();
    }
    if (wire.size() > MAX_HEADERS) {
      throw new MalformedException(
          "headers: " + wire.size() + " (expected: at most " + MAX_HEADERS + ")");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : wire) {
      if (!isHeader(header.getName(), header.getValue())) {
        throw new MalformedException(
            "headers: not a name of letters, digits and -_. or a value with control characters"
                + " (expected: at most 128 and "
                + MAX_HEADER_CHARS
                + " characters)");
      }
      if (headers.put(header.getName(), header.getValue()) != null) {
        throw new MalformedException(
            "headers: " + header.getName() + " twice (expected: a name once)");
      }
    }
    return headers;
  }

  private static boolean isHeader(String name, String value) {
    boolean good = HEADER_NAME.matcher(name).matches() && value.length() <= MAX_HEADER_CHARS;
    for (int i = 0; good && i < value.length(); i++) {
      good = value.charAt(i) >= ' ' && value.charAt(i) != 0x7f;
    }
    return good;
  }
}
