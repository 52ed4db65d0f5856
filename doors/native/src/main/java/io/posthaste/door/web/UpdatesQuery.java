package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.core.Cursor;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Poll;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Beginning;
import io.posthaste.server.Joining;
import io.posthaste.server.Request;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request for updates, understood.
 *
 * @param technique how it can wait
 * @param topics what of
 * @param start where to begin
 * @param onlyLatest whether only the newest of each topic counts
 * @param before for a page of history, what it ends before
 * @param limit at most so many messages
 * @param waitMillis how long a poll would wait
 * @param callback what a forever frame calls
 * @param joining where the one who asks is present meanwhile; null for nowhere
 */
record UpdatesQuery(
    Technique technique,
    List<TopicPattern> topics,
    Start start,
    boolean onlyLatest,
    @Nullable Id before,
    int limit,
    long waitMillis,
    @Nullable String callback,
    @Nullable Joining joining) {
  private static final Set<String> KNOWN =
      Set.of(
          "topic",
          "after",
          "last",
          "before",
          "only",
          "consumer",
          "limit",
          "wait",
          "lastEventId",
          "format",
          "callback",
          "presence",
          "as",
          "device",
          "ticket");
  private static final Function<Request, UpdatesQuery> READING = UpdatesQuery::read;
  private static final int DEFAULT_LIMIT = 100;
  private static final Pattern CALLBACK = Pattern.compile("[A-Za-z0-9_.]{1,64}");

  /**
   * Reads a request.
   *
   * @throws MalformedException if it says what is unknown, wrong or contradictory
   */
  static UpdatesQuery of(Request request) {
    return request.understood(READING);
  }

  private static UpdatesQuery read(Request request) {
    Parameters given = Parameters.of(request, KNOWN);
    Technique technique = Technique.of(request, given.one("format"));
    checkTechnique(given, technique);
    List<TopicPattern> topics = given.all("topic").stream().map(TopicPattern::ofUrl).toList();
    if (topics.isEmpty() && technique != Technique.SOCKET) {
      throw new MalformedException("topic: missing (expected: topic=NAME, once or more)");
    }
    if (topics.isEmpty()) {
      for (String name : List.of("after", "last", "only", "consumer", "lastEventId")) {
        if (given.has(name)) {
          throw new MalformedException(name + ": has no meaning without a topic");
        }
      }
    }
    int limit = given.number("limit", DEFAULT_LIMIT);
    if (limit < 1 || limit > Poll.MAX_LIMIT) {
      throw new MalformedException("limit: " + limit + " (expected: 1 to " + Poll.MAX_LIMIT + ")");
    }
    String before = given.one("before");
    Start start = start(request, given);
    String callback = given.one("callback");
    return new UpdatesQuery(
        technique,
        topics,
        start,
        onlyLatest(given.one("only")),
        before == null ? null : Id.parse(before),
        limit,
        technique == Technique.POLL ? given.waitMillis(request) : 0,
        callback,
        Joining.of(given.one("presence"), given.one("as"), given.one("device")));
  }

  private static void checkTechnique(Parameters given, Technique technique) {
    if (technique != Technique.POLL) {
      for (String name : List.of("wait", "limit", "before")) {
        if (given.has(name)) {
          throw new MalformedException(
              name + ": is for polls, and this asks for " + technique + " (expected: none)");
        }
      }
    }
    String callback = given.one("callback");
    if (technique == Technique.FRAME) {
      if (callback == null || !CALLBACK.matcher(callback).matches()) {
        throw new MalformedException(
            "callback: "
                + (callback == null ? "missing" : "not a name")
                + " (expected: 1 to 64 of A-Za-z0-9_.)");
      }
    } else if (callback != null) {
      throw new MalformedException("callback: is for format=frame only");
    }
  }

  private static Start start(Request request, Parameters given) {
    String first = null;
    for (String name : List.of("after", "last", "consumer", "before")) {
      if (!given.has(name)) {
        continue;
      }
      if (first != null) {
        throw new MalformedException(
            first + " and " + name + " contradict each other (expected: one of them)");
      }
      first = name;
    }
    if ("before".equals(first)
        && (given.has("wait") || given.has("only") || given.has("presence"))) {
      throw new MalformedException(
          "before: gives a page of history at once (expected: neither wait nor only nor presence"
              + " beside it)");
    }
    Start asked =
        switch (first == null ? "" : first) {
          case "after" -> Beginning.after(value(given, "after"));
          case "last" -> new Start.Last(given.number("last", 0));
          case "consumer" -> new Start.Consumer(value(given, "consumer"));
          default -> Start.NOW;
        };
    // An EventSource connects again to the same URL, so where it got to wins over where it began.
    String header = request.header("last-event-id");
    String resumed = header == null || header.isEmpty() ? given.one("lastEventId") : header;
    if (resumed == null || resumed.isEmpty() || "before".equals(first)) {
      return asked;
    }
    return new Start.After(Cursor.parse(resumed));
  }

  private static String value(Parameters given, String name) {
    String value = given.one(name);
    return value == null ? "" : value;
  }

  private static boolean onlyLatest(@Nullable String only) {
    if (only != null && !only.equals("latest")) {
      throw new MalformedException("only: not known (expected: only=latest)");
    }
    return only != null;
  }

  /** What a reader for this request reads, if somebody in particular asks. */
  Subscription subscription(Session session) {
    return session.own(new Subscription(topics, start, onlyLatest));
  }
}
