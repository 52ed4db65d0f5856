package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Admission;
import io.posthaste.core.Gap;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.Shard;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The MD5 of every config, at hand, so that to compare thousands asks the log nothing. Kept by one
 * reader of the hub, and by whoever has just written or read a version on this node and so knows
 * better.
 *
 * <p>Thread-safe. The reader lives on the hub's first shard.
 */
final class ConfigIndex implements Receiver, AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(ConfigIndex.class.getName());
  private static final long RETRY_MILLIS = 1_000;

  /** Of a stamp: how many of its bits tell versions of one millisecond apart. */
  private static final int STAMP_BITS = 10;

  /**
   * A config's latest version. Deleted ones stay, so that late news of an older version does not
   * bring them back.
   */
  private record Known(
      int partition, long sequence, long timeMillis, long stamp, @Nullable Md5 md5, int bytes) {
    /** How large it is, or that there is none. */
    int size() {
      return md5 == null ? NamespaceUse.ABSENT : bytes;
    }

    /** What follows another version, if it does. */
    Known after(Known before) {
      return sequence <= before.sequence
          ? before
          : new Known(
              partition, sequence, timeMillis, Math.max(stamp, before.stamp + 1), md5, bytes);
    }

    /** The same with a stamp no lower than that. */
    Known stamped(long least) {
      return new Known(partition, sequence, timeMillis, Math.max(least, stamp), md5, bytes);
    }
  }

  private static final List<TopicPattern> FOLLOWED =
      List.of(ConfigPolicy.ALL, ConfigPolicy.GRAY, ConfigPolicy.NAMESPACES);

  private final Hub hub;
  private final Shard shard;
  private final Digests digests;
  private final Grays grays = new Grays();
  private final Quotas quotas = new Quotas(this::withSize, this::graySize);
  private final Map<ConfigKey, Known> known = new ConcurrentHashMap<>();
  private final List<ConfigListener> listeners = new CopyOnWriteArrayList<>();
  private List<ConfigKey> changed = new ArrayList<>(); // since the last end of a batch
  private @Nullable Reader reader;
  private boolean digesting; // a message that is to be taken next
  private boolean closed; // the shard's, as the three above
  private volatile boolean ready;

  ConfigIndex(Hub hub, Digests digests) {
    this.hub = hub;
    this.digests = digests;
    shard = hub.shards().get(0);
    shard.loop().execute(this::follow);
  }

  private void follow() {
    if (!closed) {
      digesting = false;
      reader = shard.subscribe(new Subscription(FOLLOWED, Start.BEGINNING, true), this);
    }
  }

  boolean isReady() {
    return ready;
  }

  void add(ConfigListener listener) {
    listeners.add(listener);
  }

  @Nullable Md5 md5(ConfigKey key) {
    Known found = known.get(key);
    return found == null ? null : found.md5;
  }

  /** The MD5 of the version of that sequence; null if the latest is another. */
  @Nullable Md5 md5(ConfigKey key, long sequence) {
    Known found = known.get(key);
    return found == null || found.sequence != sequence ? null : found.md5;
  }

  /** Without the view that it would take, as polls ask for thousands. */
  @Nullable Md5 md5(ConfigKey key, Instance instance) {
    return grays.of(key).isEmpty() ? md5(key) : view(key).md5(instance);
  }

  /** As {@link Configs#stamp}. */
  long stamp(ConfigKey key) {
    Known found = known.get(key);
    return found == null ? -1 : found.stamp;
  }

  /** What instances see of a config. */
  ConfigView view(ConfigKey key) {
    return new ConfigView(main(key), grays.of(key));
  }

  private @Nullable Sight main(ConfigKey key) {
    Known found = known.get(key);
    if (found == null || found.md5 == null) {
      return null;
    }
    return new Sight(new Id(hub.epoch(), found.partition, found.sequence), found.md5, "");
  }

  /** What an instance should have of a config by now. */
  Standing standing(ConfigKey key, Instance instance) {
    for (GrayVersion gray : grays.of(key)) {
      if (gray.takes(instance)) {
        return new Standing(gray.md5(), gray.id(), gray.timeMillis());
      }
    }
    Known found = known.get(key);
    return found == null || found.sequence == 0
        ? Standing.NEVER
        : new Standing(
            found.md5, new Id(hub.epoch(), found.partition, found.sequence), found.timeMillis);
  }

  Grays grays() {
    return grays;
  }

  /** What namespaces hold and may hold. */
  Quotas quotas() {
    return quotas;
  }

  private Admission.Verdict withSize(ConfigKey key, IntFunction<Admission.Verdict> user) {
    AtomicReference<Admission.Verdict> verdict = new AtomicReference<>();
    known.compute(
        key,
        (config, now) -> {
          verdict.set(user.apply(now == null ? NamespaceUse.ABSENT : now.size()));
          return now;
        });
    return requireNonNull(verdict.get());
  }

  private int graySize(GrayKey key) {
    return grays.of(key.config()).stream()
        .filter(gray -> gray.key().equals(key))
        .mapToInt(GrayVersion::bytes)
        .findFirst()
        .orElse(NamespaceUse.ABSENT);
  }

  /** The configs that are there, in no order. */
  Stream<ConfigKey> keys() {
    return known.entrySet().stream()
        .filter(entry -> entry.getValue().md5 != null)
        .map(Map.Entry::getKey);
  }

  /**
   * Takes a version that somebody on this node knows of, if it is news.
   *
   * @param timeMillis when it was published
   * @param md5 null if it was deleted
   * @param bytes the content's length
   */
  void learn(ConfigKey key, Id id, long timeMillis, @Nullable Md5 md5, int bytes) {
    long stamp = stampOf(id.sequence(), timeMillis);
    Known news = new Known(id.partition(), id.sequence(), timeMillis, stamp, md5, bytes);
    known.compute(
        key,
        (config, before) -> {
          Known now = before == null ? news : news.after(before);
          if (now != before) {
            int size = before == null ? NamespaceUse.ABSENT : before.size();
            quotas.changed(key, now.sequence, size, now.size());
          }
          return now;
        });
  }

  /**
   * A number for a version that a copy of the log gives it too, as copies keep times; it fits into
   * the 53 bits that JavaScript has for whole numbers.
   */
  private static long stampOf(long sequence, long timeMillis) {
    return Math.max(0, timeMillis) << STAMP_BITS | sequence & (1 << STAMP_BITS) - 1;
  }

  @Override
  public boolean isServersOwn() {
    return true;
  }

  @Override
  public boolean onMessage(Reader reader, Message message) {
    CompletableFuture<Md5> digest = digest(message);
    if (digest.isDone()) {
      take(message, digest.join());
      return true;
    }
    digesting = true;
    digest.thenAccept(
        md5 -> {
          try {
            shard.loop().execute(() -> goOn(reader, message, md5));
          } catch (RejectedExecutionException ended) {
            LOGGER.log(System.Logger.Level.DEBUG, "the loop has ended");
          }
        });
    return false; // nothing overtakes it
  }

  private void goOn(Reader from, Message message, Md5 md5) {
    if (!closed && from == reader && digesting) { // else all is read anew
      digesting = false;
      take(message, md5);
      from.resume();
    }
  }

  /** Of its content: at hand, if whoever wrote it on this node has said it. */
  private CompletableFuture<Md5> digest(Message message) {
    Md5 told =
        ConfigKey.of(message.topic())
            .map(key -> md5(key, message.sequence()))
            .or(() -> GrayKey.of(message.topic()).map(key -> grays.md5(key, message.sequence())))
            .orElse(null);
    return told == null ? digests.of(message.payload()) : CompletableFuture.completedFuture(told);
  }

  private void take(Message message, Md5 md5) {
    ConfigKey.of(message.topic()).ifPresent(key -> onConfig(key, message, md5));
    GrayKey.of(message.topic()).ifPresent(key -> onGray(key, message, md5));
    NamespaceRecord.nameOf(message.topic()).ifPresent(name -> onNamespace(name, message));
  }

  private void onConfig(ConfigKey key, Message message, Md5 md5) {
    Id id = Id.of(hub.epoch(), message);
    Md5 of = message.deleted() ? null : md5;
    learn(key, id, message.timeMillis(), of, message.payload().length());
    changed.add(key);
  }

  private void onGray(GrayKey key, Message message, Md5 md5) {
    GrayVersion version = GrayVersion.of(key, hub.epoch(), message, md5).orElse(null);
    grays.learn(key, message.sequence(), version);
    long stamp = stampOf(message.sequence(), message.timeMillis());
    // Now, as whoever sees the stamp must find what it tells of.
    known.compute(
        key.config(),
        (config, before) ->
            before == null
                ? new Known(0, 0, 0, stamp, null, 0)
                : before.stamped(ready ? Math.max(stamp, before.stamp + 1) : stamp));
    changed.add(key.config());
  }

  private void onNamespace(String name, Message message) {
    NamespaceRecord record = NamespaceRecord.of(name, hub.epoch(), message).orElse(null);
    quotas.learn(name, message.sequence(), record);
  }

  @Override
  public void onMissed(Reader reader, List<Gap> gaps) {
    // A reader of the latest only has missed nothing that it wants.
  }

  @Override
  public void onBatchEnd(Reader reader, boolean caughtUp) {
    if (!changed.isEmpty()) {
      List<ConfigKey> keys = List.copyOf(changed);
      changed = new ArrayList<>();
      listeners.forEach(listener -> listener.onChanged(keys));
    }
    if (caughtUp && !digesting) {
      ready = true; // last, so that who listens knows by then what there is
    }
  }

  @Override
  public void onFailed(Reader reader, LogException failure) {
    // What is known may be out of date from here on, so nobody is answered by it. All is read anew
    // and told anew: who waits compares, so to be told twice is harmless.
    boolean wasReady = ready;
    ready = false;
    if (!closed) {
      LOGGER.log(
          wasReady ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
          "configs cannot be followed, is tried again retryMillis={0} why={1}",
          RETRY_MILLIS,
          failure.getMessage());
      try {
        shard.loop().schedule(this::follow, RETRY_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException ended) {
        LOGGER.log(System.Logger.Level.DEBUG, "the loop has ended");
      }
    }
  }

  @Override
  public void close() {
    try {
      shard
          .loop()
          .execute(
              () -> {
                closed = true;
                ready = false;
                if (reader != null) {
                  reader.close();
                }
              });
    } catch (RejectedExecutionException ended) {
      LOGGER.log(System.Logger.Level.DEBUG, "the loop has ended");
    }
  }
}
