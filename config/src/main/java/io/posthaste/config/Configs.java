package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The config centre: versioned texts that many follow, over a hub whose policies are those of
 * {@link ConfigPolicy}.
 *
 * <p>Thread-safe. Stages complete on a thread of the log's or a shard's, where no caller may block.
 * They fail with a {@link io.posthaste.core.LogException} if the log does not answer; every
 * expected outcome is a value.
 */
public final class Configs implements AutoCloseable {
  /** A content is text, whatever its format: it need not be valid JSON to be a config. */
  static final String CONTENT_TYPE = "text/plain; charset=utf-8";

  /** The header that names the gray version that a version for all was. */
  static final String PROMOTED_FROM = "promoted-from";

  /** All are in one partition, unless rules of what is kept split them. */
  private static final Topic ANY_CONFIG = new Topic(ConfigKey.PREFIX + "public/any/any");

  /** How often another's change may come between the look and the append of a compare-and-set. */
  private static final int TRIES = 16;

  /** A change that has not reached somebody by then is told of as it stands. */
  private static final Duration SETTLED = Duration.ofSeconds(30);

  private final Hub hub;
  private final Digests digests = new Digests();
  private final ConfigIndex index;
  private final History history;
  private final GrayReleases grays;
  private final ConfigNamespaces namespaces;
  private final Audience audience;
  private final WaitRoom waitRoom = WaitRoom.ofHeap();
  private final RolloutTimer timer;

  /** The configs of a hub, which stays the caller's and must outlive this. */
  public Configs(Hub hub) {
    this(hub, true);
  }

  /**
   * The configs of a hub.
   *
   * @param knowsWho whether it is kept who has which version
   */
  public Configs(Hub hub, boolean knowsWho) {
    this(hub, knowsWho, RolloutTimer.TO_RETURN);
  }

  Configs(Hub hub, boolean knowsWho, Duration toReturn) {
    this.hub = requireNonNull(hub, "hub");
    this.index = new ConfigIndex(hub, digests);
    this.history = new History(hub);
    this.grays = new GrayReleases(hub, index, digests, this);
    this.audience =
        new Audience(
            hub.log().nodes(),
            index::standing,
            Clock.systemUTC(),
            knowsWho ? Audience.mostHoldings() : 0);
    this.namespaces = new ConfigNamespaces(hub, index);
    hub.admitBy(index.quotas());
    index.add(new PropagationLog(hub, audience, SETTLED));
    this.timer =
        new RolloutTimer(
            hub.shards().get(0),
            this,
            RolloutGate.of(audience),
            RolloutTimer.PATIENCE,
            toReturn,
            Clock.systemUTC());
    timer.start();
  }

  /**
   * Whether all configs are known here. Until they are, nobody must be told that one is not there:
   * clients throw away their last good copy on hearing that.
   */
  public boolean isReady() {
    return index.isReady();
  }

  /**
   * The MD5 of a config's latest content, without asking the log; null if there is no such config.
   */
  public @Nullable Md5 md5(ConfigKey key) {
    return index.md5(key);
  }

  /** What instances see of a config, without asking the log. */
  public ConfigView view(ConfigKey key) {
    return index.view(key);
  }

  /**
   * The MD5 of what an instance sees of a config, without asking the log; null if there is nothing
   * for it.
   */
  public @Nullable Md5 md5(ConfigKey key, Instance instance) {
    return index.md5(key, instance);
  }

  /** The versions that some instances see before others. */
  public GrayReleases grays() {
    return grays;
  }

  /** Namespaces as things of their own, and how much each may hold. */
  public ConfigNamespaces namespaces() {
    return namespaces;
  }

  /**
   * A number that rises with each change of a config, deletions and gray versions included, and
   * below 2<sup>53</sup>; -1 if there never was such a config. It comes of the change's time, so it
   * goes on rising in a copy of the log, and all nodes have the same one (but for a node that was
   * started later, where clocks of publishing nodes differ by more than the time between two
   * changes).
   */
  public long stamp(ConfigKey key) {
    return index.stamp(key);
  }

  /** The configs that are there, in no order. Looks at every one, so not for an event loop. */
  public Stream<ConfigKey> keys() {
    return index.keys();
  }

  /** Who listens to which config, and which version each has. */
  public Audience audience() {
    return audience;
  }

  /** For those who wait for changes, by whichever door: a quarter of the heap. */
  public WaitRoom waitRoom() {
    return waitRoom;
  }

  /** Has a listener called for every change from now on. */
  public void listen(ConfigListener listener) {
    index.add(listener);
  }

  /** The latest version; empty if there is none, or it was deleted. */
  public CompletionStage<Optional<ConfigVersion>> get(ConfigKey key) {
    return latest(key).thenApply(found -> found.filter(version -> !version.deleted()));
  }

  /** What an instance sees; empty if there is nothing for it. */
  public CompletionStage<Optional<Shown>> get(ConfigKey key, Instance instance) {
    return shown(key, instance, TRIES);
  }

  private CompletionStage<Optional<Shown>> shown(ConfigKey key, Instance instance, int tries) {
    String gray = view(key).of(instance).map(Sight::gray).orElse("");
    if (gray.isEmpty()) {
      return get(key).thenApply(found -> found.map(version -> new Shown(version, "")));
    }
    return grays
        .get(new GrayKey(key, gray))
        .thenCompose(
            found -> {
              // Another by now: it has been learnt, so the next look goes elsewhere.
              boolean isOther = found.isEmpty() || !found.get().version().takes(instance);
              return isOther && tries > 1
                  ? shown(key, instance, tries - 1)
                  : CompletableFuture.completedFuture(found.map(GrayContent::shown));
            });
  }

  /** Makes a gray version the one for all, once: a repetition answers what the first did. */
  CompletionStage<Changed> promote(GrayContent gray) {
    GrayVersion version = gray.version();
    ConfigKey key = version.key().config();
    Id base = version.rollout().base();
    Map<String, String> headers = new LinkedHashMap<>(version.attributes().headers());
    headers.put("md5", version.md5().toString());
    headers.put(PROMOTED_FROM, version.id().toString());
    Append append =
        new Append(
            key.topic(),
            CONTENT_TYPE,
            headers,
            gray.content(),
            false,
            base == null ? Condition.ABSENT : new Condition.LatestIs(base),
            "promote-" + version.id());
    return write(key, append, version.md5());
  }

  private CompletionStage<Optional<ConfigVersion>> latest(ConfigKey key) {
    return hub.latest(key.topic())
        .thenApply(
            found -> {
              Optional<ConfigVersion> version = found.map(message -> version(key, message));
              version.ifPresent(this::learn);
              return version;
            });
  }

  private ConfigVersion version(ConfigKey key, Message message) {
    Md5 known = index.md5(key, message.sequence());
    return known == null
        ? ConfigVersion.of(key, hub.epoch(), message)
        : ConfigVersion.of(key, hub.epoch(), message, known);
  }

  private void learn(ConfigVersion version) {
    index.learn(
        version.key(),
        version.id(),
        version.timeMillis(),
        version.deleted() ? null : version.md5(),
        version.content().length());
  }

  /** An older version, deletions included; empty if it is not kept. */
  public CompletionStage<Optional<ConfigVersion>> version(ConfigKey key, Id id) {
    return hub.at(key.topic(), id).thenApply(found -> found.map(message -> version(key, message)));
  }

  /** The id of a version by its sequence alone, for those who can write no more than a number. */
  public Id idOf(long sequence) {
    return new Id(hub.epoch(), hub.log().partitionOf(ANY_CONFIG), sequence);
  }

  /** The version of that id, of whichever config, deletions included; empty if it is not kept. */
  public CompletionStage<Optional<ConfigVersion>> version(Id id) {
    if (!id.epoch().equals(hub.epoch())
        || !hub.log().partitions().contains(id.partition())
        || id.sequence() < 1) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    ReadRequest there =
        new ReadRequest(
            id.partition(),
            List.of(ConfigPolicy.ALL),
            id.sequence() - 1,
            1,
            ConfigPolicy.MAX_BYTES,
            false);
    return hub.log()
        .read(there)
        .thenApply(
            page ->
                page.messages().stream()
                    .filter(message -> message.sequence() == id.sequence())
                    .flatMap(
                        message ->
                            ConfigKey.of(message.topic()).stream()
                                .map(key -> version(key, message)))
                    .findFirst());
  }

  /**
   * Publishes a version.
   *
   * @return {@link Changed.Done}, or why not
   */
  public CompletionStage<Changed> publish(
      ConfigKey key, Payload content, ConfigAttributes attributes, Expected expected) {
    return append(key, content, attributes.headers(), expected);
  }

  private CompletionStage<Changed> append(
      ConfigKey key, Payload content, Map<String, String> headers, Expected expected) {
    CompletableFuture<Md5> md5 = digests.of(content);
    return md5.isDone()
        ? append(key, content, md5.join(), headers, expected)
        : md5.thenCompose(of -> append(key, content, of, headers, expected));
  }

  private CompletionStage<Changed> append(
      ConfigKey key, Payload content, Md5 md5, Map<String, String> headers, Expected expected) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put("md5", md5.toString());
    Append version =
        new Append(key.topic(), CONTENT_TYPE, all, content, false, Condition.ANY, null);
    return change(key, version, md5, expected);
  }

  private CompletionStage<Changed> change(
      ConfigKey key, Append append, @Nullable Md5 md5, Expected expected) {
    if (expected instanceof Expected.Content content) {
      return replace(key, append, md5, content.md5(), TRIES);
    }
    Condition condition = append.condition();
    if (expected instanceof Expected.Absent) {
      condition = Condition.ABSENT;
    } else if (expected instanceof Expected.Version version) {
      condition = new Condition.LatestIs(version.id());
    }
    return write(key, append.when(condition), md5);
  }

  /**
   * Replaces the content of that MD5: looks which version it is, and has the log see to it that the
   * version is still the latest.
   */
  private CompletionStage<Changed> replace(
      ConfigKey key, Append append, @Nullable Md5 md5, Md5 replaced, int tries) {
    return latest(key)
        .thenCompose(
            found -> {
              if (found.isEmpty() || found.get().deleted() || !found.get().md5().equals(replaced)) {
                return done(new Changed.Conflict(found.map(ConfigVersion::id).orElse(null)));
              }
              Condition unchanged = new Condition.LatestIs(found.get().id());
              return write(key, append.when(unchanged), md5)
                  .thenCompose(
                      outcome ->
                          // Somebody came between, but perhaps with the same content.
                          outcome instanceof Changed.Conflict && tries > 1
                              ? replace(key, append, md5, replaced, tries - 1)
                              : done(outcome));
            });
  }

  private static CompletionStage<Changed> done(Changed outcome) {
    return CompletableFuture.completedFuture(outcome);
  }

  private CompletionStage<Changed> write(ConfigKey key, Append append, @Nullable Md5 md5) {
    return hub.publish(append)
        .thenApply(
            appended -> {
              if (appended instanceof Appended.Stored stored) {
                // Before anybody is answered, so that whoever wrote finds it written.
                index.learn(key, stored.id(), stored.timeMillis(), md5, append.payload().length());
                return new Changed.Done(stored.id(), stored.timeMillis());
              }
              return refusal(append, appended);
            });
  }

  static Changed refusal(Append append, Appended appended) {
    if (appended instanceof Appended.ConditionFailed failed) {
      return append.condition() instanceof Condition.Present
          ? new Changed.AbsentAlready()
          : new Changed.Conflict(failed.latest());
    }
    if (appended instanceof Appended.TooLarge tooLarge) {
      return new Changed.TooLarge(tooLarge.maxBytes());
    }
    if (appended instanceof Appended.Refused refused) {
      return new Changed.Refused(refused.reason());
    }
    if (appended instanceof Appended.Unavailable unavailable) {
      return new Changed.Unavailable(unavailable.reason());
    }
    return new Changed.Conflict(null); // the key was used for another body: another's promotion
  }

  /**
   * Deletes a config; its versions can still be looked at, and gone back to.
   *
   * @param attributes who does it and why
   * @return {@link Changed.Done}, {@link Changed.AbsentAlready}, or why not
   */
  public CompletionStage<Changed> remove(
      ConfigKey key, ConfigAttributes attributes, Expected expected) {
    Append tombstone = Append.tombstone(key.topic()).withHeaders(attributes.headers());
    if (expected instanceof Expected.Absent) {
      throw new IllegalArgumentException("to delete what must be absent has no meaning");
    }
    return change(key, tombstone, null, expected);
  }

  /**
   * Publishes a kept version's content and attributes anew. Deletes nothing: to go back to a
   * deletion is refused.
   *
   * @param version the one to go back to
   * @param author who does it
   * @param address where from
   * @return {@link Changed.Done}, {@link Changed.NoSuchVersion}, or why not
   */
  public CompletionStage<Changed> rollback(
      ConfigKey key, Id version, String author, String address, Expected expected) {
    return version(key, version)
        .thenCompose(
            found -> {
              if (found.isEmpty() || found.get().deleted()) {
                return done(new Changed.NoSuchVersion());
              }
              ConfigVersion old = found.get();
              ConfigAttributes attributes =
                  old.attributes().by(author, address, "rollback to " + version);
              return append(key, old.content(), attributes.headers(), expected);
            });
  }

  /** The changes that are kept, newest first. */
  public CompletionStage<List<ConfigChange>> history(ConfigKey key) {
    return history.of(key);
  }

  /**
   * The configs of a namespace by group and name, in order. Looks at every config's name, so not
   * for an event loop.
   *
   * @param group what its group must be like, with {@code *} for any text; empty for any
   * @param name and its name
   */
  public List<ConfigKey> search(String namespace, String group, String name) {
    NamePattern groups = new NamePattern(group);
    NamePattern names = new NamePattern(name);
    return index
        .keys()
        .filter(key -> key.namespace().equals(namespace))
        .filter(key -> groups.matches(key.group()) && names.matches(key.name()))
        .sorted()
        .toList();
  }

  /**
   * How many configs each namespace has. Looks at every config, so not for an event loop.
   *
   * @param counted which configs are counted
   */
  public SortedMap<String, Integer> namespaces(Predicate<ConfigKey> counted) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    counts.put(ConfigKey.DEFAULT_NAMESPACE, 0);
    index.keys().filter(counted).forEach(key -> counts.merge(key.namespace(), 1, Integer::sum));
    return counts;
  }

  /** Stops following the log. What was begun is completed. */
  @Override
  public void close() {
    timer.close();
    audience.close();
    hub.admitNoMoreBy(index.quotas());
    index.close();
  }
}
