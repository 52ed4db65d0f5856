package io.posthaste.config;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Writes a line of each change that somebody listened to: how it had spread a while after. The line
 * is a message of the topic {@code config-propagation/{namespace}/{group}/{name}}, kept as any
 * other topic is.
 *
 * <p>Each node at which somebody listens would write it; who is late finds it written, and a key
 * makes one of two that are written at once. Thread-safe.
 */
final class PropagationLog implements ConfigListener {
  /** What the topics begin with. */
  static final String PREFIX = "config-propagation/";

  private static final System.Logger LOGGER = System.getLogger(PropagationLog.class.getName());

  /** Beyond that many changes within the wait the others go without a line. */
  private static final int MOST_DUE = 10_000;

  private static final String VERSION = "version"; // the header that names the version

  private final Hub hub;
  private final Audience audience;
  private final Duration wait;
  private final Set<ConfigKey> due = new HashSet<>(); // this object's monitor, as the next two
  private final Queue<ConfigKey> ready = new ArrayDeque<>();
  private boolean writing;

  /**
   * @param wait how long after a change its line is written
   */
  PropagationLog(Hub hub, Audience audience, Duration wait) {
    this.hub = hub;
    this.audience = audience;
    this.wait = wait;
  }

  /** The topic of the lines about a config. */
  static Topic topic(ConfigKey key) {
    return new Topic(PREFIX + key);
  }

  @Override
  public void onChanged(List<ConfigKey> keys) {
    for (ConfigKey key : keys) {
      if (audience.isFollowed(key) && add(key)) {
        // Not all nodes at once: the first to write spares the others the asking.
        long millis = wait.toMillis() + ThreadLocalRandom.current().nextLong(wait.toMillis() / 4);
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
            .execute(() -> becameDue(key));
      }
    }
  }

  private synchronized boolean add(ConfigKey key) {
    return due.size() < MOST_DUE && due.add(key);
  }

  private void becameDue(ConfigKey key) {
    synchronized (this) {
      due.remove(key);
      ready.add(key);
      if (writing) {
        return;
      }
      writing = true;
    }
    writeNext();
  }

  /** One after the other: each is a question to all nodes. */
  private void writeNext() {
    ConfigKey key;
    synchronized (this) {
      key = ready.poll();
      writing = key != null;
    }
    if (key != null && !audience.isClosed()) {
      begin(key)
          .whenComplete(
              (done, failure) -> {
                if (failure != null) {
                  LOGGER.log(
                      System.Logger.Level.DEBUG,
                      "no line of a change config={0} why={1}",
                      key,
                      failure);
                }
                CompletableFuture.runAsync(this::writeNext);
              });
    }
  }

  /** Whatever comes of one, the next is to be written. */
  private CompletionStage<Optional<Appended>> begin(ConfigKey key) {
    try {
      return write(key);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<Optional<Appended>> write(ConfigKey key) {
    return hub.latest(topic(key))
        .thenCompose(
            last ->
                audience.ask(AudienceQuery.of(key, 0)).thenCompose(page -> write(key, page, last)));
  }

  private CompletionStage<Optional<Appended>> write(
      ConfigKey key, AudiencePage page, Optional<Message> last) {
    List<Spreading> all = page.spreadings();
    String known = last.map(message -> message.headers().getOrDefault(VERSION, "")).orElse("");
    if (all.isEmpty() || all.get(0).id().toString().equals(known)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    Spreading of = all.get(0);
    Id id = of.id();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(VERSION, id.toString());
    Append line =
        new Append(
            topic(key),
            "application/json",
            headers,
            Payload.of(json(page, of)),
            false,
            Condition.ANY,
            id.toString());
    return hub.publish(line).thenApply(Optional::of);
  }

  private static String json(AudiencePage page, Spreading of) {
    return "{\"id\":\"%s\",\"count\":%d,\"behind\":%d,\"told\":%s,\"had\":%s}"
        .formatted(of.id(), page.instances(), page.behind(), json(of.told()), json(of.had()));
  }

  private static String json(Spreading.Curve curve) {
    return "{\"count\":%d,\"firstMillis\":%d,\"halfMillis\":%d,\"p99Millis\":%d,\"lastMillis\":%d}"
        .formatted(curve.count(), curve.first(), curve.half(), curve.most(), curve.last());
  }
}
