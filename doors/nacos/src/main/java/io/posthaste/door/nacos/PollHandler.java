package io.posthaste.door.nacos;

import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigListener;
import io.posthaste.config.Configs;
import io.posthaste.config.Follower;
import io.posthaste.config.Instance;
import io.posthaste.config.WaitRoom;
import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Shard;
import io.posthaste.door.nacos.Listening.Spelling;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.Request;
import io.posthaste.server.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/cs/configs/listener}: which of these configs are not what the client has? If none
 * is, the answer waits for one. A poll is registered before its versions are compared, so that no
 * change falls between.
 */
final class PollHandler implements Guard.Guarded, ConfigListener {
  private static final Logger LOGGER = LoggerFactory.getLogger(PollHandler.class);

  private static final long LEAST_MILLIS = 10_000;
  private static final long MOST_MILLIS = 600_000;

  /** Clients wait half as long again as they say; upstream answers so much before that. */
  private static final long MARGIN_MILLIS = 500;

  /** What its followers are said to listen by. */
  static final String DOOR = "nacos";

  /** A header longer than that many a client would refuse. */
  private static final int MAX_HEADER_CHARS = 4_096;

  private final Configs configs;
  private final Map<Shard, Waiters> byShard = new HashMap<>(); // not changed once it is made

  PollHandler(Hub hub, Configs configs, WaitRoom room) {
    this.configs = configs;
    for (Shard shard : hub.shards()) {
      byShard.put(shard, new Waiters(shard, configs, room));
    }
    configs.listen(this);
  }

  /** How many configs parked polls listen to, each counted as often as it is listened to. */
  int listened() {
    return byShard.values().stream().mapToInt(Waiters::listened).sum();
  }

  /** Has every shard tell its own. */
  @Override
  public void onChanged(List<ConfigKey> keys) {
    byShard.forEach(
        (shard, waiters) -> {
          try {
            shard.loop().execute(() -> waiters.tell(keys));
          } catch (RejectedExecutionException ended) {
            LOGGER.debug("loop ended before its polls were told");
          }
        });
  }

  @Override
  public void handle(Exchange exchange, Session session) {
    Request request = exchange.request();
    List<Listening.Entry> entries =
        Listening.parse(Parameters.of(request).required("Listening-Configs"));
    for (Listening.Entry entry : entries) {
      if (!session.mayRead(entry.key().topic())) {
        Sessions.forbid(exchange, session, "read on", entry.key().topic());
        return;
      }
    }
    String timeout = request.header("Long-Pulling-Timeout");
    boolean waits =
        timeout != null
            && !"true".equalsIgnoreCase(request.header("Long-Pulling-Timeout-No-Hangup"));
    long millis = timeout == null ? 0 : parkMillis(timeout);
    Instance instance = Callers.of(exchange);
    Follower follower = configs.audience().poll(instance, DOOR, entries.get(0).key());
    try {
      follower.listensTo(entries);
      answerOrPark(
          exchange, session, entries, instance, follower, timeout == null, waits ? millis : 0);
    } catch (RuntimeException e) {
      follower.gone(); // else it would seem to wait for ever
      throw e;
    }
  }

  /**
   * Answers a poll, or has it wait.
   *
   * @param isShort whether to say it in headers too, where clients look that do not wait
   * @param millis for how long it waits at the most; 0 if it does not
   */
  private void answerOrPark(
      Exchange exchange,
      Session session,
      List<Listening.Entry> entries,
      Instance instance,
      Follower follower,
      boolean isShort,
      long millis) {
    Response changed = changed(entries, instance, follower, isShort);
    if (changed != null || millis == 0) {
      follower.answered();
      Answers.send(exchange, changed == null ? Answers.text(200, "") : changed);
      return;
    }
    Waiters waiters = Objects.requireNonNull(byShard.get(exchange.shard()));
    if (!waiters.hasRoom(entries)) {
      follower.answered();
      Answers.unavailable(
          exchange, "too many configs are listened to here (expected: a retry, or elsewhere)");
      return;
    }
    ParkedPoll poll = ParkedPoll.register(exchange, session, instance, follower, waiters, entries);
    Response since =
        changed(entries, instance, follower, false); // also what changed before it was registered
    if (since != null) {
      poll.end();
      follower.answered();
      Answers.send(exchange, since);
    } else {
      poll.park(millis);
    }
  }

  private static long parkMillis(String timeout) {
    try {
      long asked = Long.parseLong(timeout.strip());
      return Math.min(MOST_MILLIS, Math.max(LEAST_MILLIS, asked - MARGIN_MILLIS));
    } catch (NumberFormatException e) {
      throw new MalformedException(
          "Long-Pulling-Timeout: "
              + MalformedException.quote(timeout)
              + " (expected: milliseconds)");
    }
  }

  /**
   * What to say of the configs that are not what the client has and should see; null if all are.
   *
   * @param isShort whether to say it in headers too, where clients look that do not wait
   */
  private @Nullable Response changed(
      List<Listening.Entry> entries, Instance instance, Follower follower, boolean isShort) {
    List<ConfigKey> keys = new ArrayList<>();
    List<Spelling> spellings = new ArrayList<>();
    for (Listening.Entry entry : entries) {
      if (!Objects.equals(configs.md5(entry.key(), instance), entry.md5())) {
        follower.told(entry.key());
        keys.add(entry.key());
        spellings.add(entry.spelling());
      }
    }
    if (keys.isEmpty()) {
      return null;
    }
    return isShort ? shortAnswer(keys, spellings) : answer(keys, spellings);
  }

  /** Names configs, as long polls are answered. */
  static Response answer(List<ConfigKey> keys, List<Spelling> spellings) {
    return Answers.text(200, encoded(keys, spellings) + "\n");
  }

  private static String encoded(List<ConfigKey> keys, List<Spelling> spellings) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < keys.size(); i++) {
      Listening.write(text, keys.get(i), spellings.get(i));
    }
    return URLEncoder.encode(text.toString(), StandardCharsets.UTF_8);
  }

  private static Response shortAnswer(List<ConfigKey> keys, List<Spelling> spellings) {
    String encoded = encoded(keys, spellings);
    StringBuilder old = new StringBuilder();
    keys.forEach(key -> old.append(key.name()).append(':').append(key.group()).append(';'));
    Map<String, String> headers = Answers.headers("text/plain;charset=UTF-8");
    if (encoded.length() <= MAX_HEADER_CHARS) {
      headers.put("Probe-Modify-Response", old.toString());
      headers.put("Probe-Modify-Response-New", encoded);
    }
    return Answers.response(200, headers, (encoded + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
