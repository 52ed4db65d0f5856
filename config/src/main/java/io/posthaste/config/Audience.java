package io.posthaste.config;

import io.posthaste.core.Nodes;
import io.posthaste.core.Payload;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who listens to which config on this node, and which version each has. Doors tell what they see of
 * their clients; it is kept in memory here and nowhere else, and gone with the client.
 *
 * <p>A door with a connection a client asks for a {@link #join follower} and ends it with the
 * connection. A door whose clients poll asks for one {@link #poll at each poll}: a poll that was
 * answered and comes again is the same follower.
 *
 * <p>Thread-safe; nothing blocks. What each follower has takes some 100 bytes a config; all
 * together may take an eighth of the heap, beyond which newcomers are counted but not known; what
 * is kept of a follower himself counts there as {@link #OF_A_FOLLOWER} configs.
 */
public final class Audience implements AutoCloseable {
  /** A follower's holding, its place in a map, and its part of what is shared. */
  static final int BYTES_A_HOLDING = 112;

  /**
   * What a follower counts beside what he has: himself, and who he is, of which his client may have
   * sent some text.
   */
  static final int OF_A_FOLLOWER = 10;

  private static final Duration ANSWERED_LEASE = Duration.ofSeconds(60);
  private static final Duration LOST_LEASE = Duration.ofSeconds(10);

  /** Knows what an instance should have. */
  @FunctionalInterface
  interface Standings {
    /** By now. */
    Standing of(ConfigKey key, Instance instance);
  }

  private static final String KIND = "config-audience";
  private static final Duration WITHIN = Duration.ofSeconds(1);
  private static final long SWEEP_SECONDS = 10;

  /** Each is a walk over all followers, on all nodes. */
  private static final int MOST_SEARCHES = 8;

  private final Nodes nodes;
  private final Nodes.Registration answering;
  private final AtomicInteger searches = new AtomicInteger(); // of this node's clients
  private final Standings standings;
  private final Clock clock;
  private final long mostHoldings;
  private final AtomicLong holdings = new AtomicLong();
  private final AtomicLong followers = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong(); // holdings there was no room for
  private final AtomicLong numbers = new AtomicLong();
  private final Follower nobody; // of whom nothing is kept, where nothing is to be
  private volatile boolean closed;
  private final Map<ConfigKey, Followed> followed = new ConcurrentHashMap<>();
  private final Map<Instance, Crowd> crowds = new ConcurrentHashMap<>();

  Audience(Nodes nodes, Standings standings, Clock clock, long mostHoldings) {
    this.nodes = nodes;
    this.standings = standings;
    this.clock = clock;
    this.mostHoldings = mostHoldings;
    this.nobody = new Follower(this, Instance.UNKNOWN, "", 0, 0);
    nobody.gone();
    this.answering = nodes.answer(KIND, this::answer);
    sweepLater();
  }

  private void sweepLater() {
    CompletableFuture.delayedExecutor(SWEEP_SECONDS, TimeUnit.SECONDS)
        .execute(
            () -> {
              if (!closed) {
                sweep();
                sweepLater();
              }
            });
  }

  static long mostHoldings() {
    return Runtime.getRuntime().maxMemory() / 8 / BYTES_A_HOLDING;
  }

  /**
   * A connection that listens begins; whoever asks for it ends it by {@link Follower#gone}.
   *
   * @param door by which protocol, in a word
   */
  public Follower join(Instance instance, String door) {
    if (mostHoldings == 0) {
      return nobody;
    }
    if (isFull()) {
      unknown.incrementAndGet();
      return nobody;
    }
    followers.incrementAndGet();
    Follower follower =
        new Follower(this, instance, door, numbers.incrementAndGet(), clock.millis());
    crowds.compute(
        instance,
        (who, known) -> {
          Crowd crowd = known == null ? new Crowd() : known;
          crowd.add(follower);
          return crowd;
        });
    return follower;
  }

  /**
   * A poll begins: of the follower whose last one was answered and who listens to this config too,
   * else of a new one. Two that wait at the same time are two.
   *
   * @param some one of the configs that the poll listens to
   */
  public Follower poll(Instance instance, String door, ConfigKey some) {
    Crowd crowd = crowds.get(instance);
    Follower known = crowd == null ? null : crowd.resume(door, some);
    return known == null ? join(instance, door) : known;
  }

  /**
   * A content was given to somebody who asked for it apart from listening. It is counted as that of
   * a follower like him who was told and does not have it yet; if there is none, it is not.
   */
  public void fetched(Instance instance, String door, ConfigKey key, @Nullable Md5 md5) {
    Crowd crowd = crowds.get(instance);
    Follower waiting = crowd == null ? null : crowd.awaiting(door, key);
    if (waiting != null) {
      waiting.fetched(key, md5);
    }
  }

  /**
   * An instance that listens has this content by now, and says so apart from listening. Of several
   * who look like it, it is one that had another; if there is none, it is not counted.
   */
  public void has(Instance instance, String door, ConfigKey key, @Nullable Md5 md5) {
    Crowd crowd = crowds.get(instance);
    Follower behind = crowd == null ? null : crowd.without(door, key, md5);
    if (behind != null) {
      behind.listens(key, md5);
    }
  }

  void idle(Follower follower) {
    Crowd crowd = crowds.get(follower.instance);
    if (crowd != null) {
      crowd.addIdle(follower);
    }
  }

  private boolean isFull() {
    return holdings.get() + OF_A_FOLLOWER * followers.get() >= mostHoldings;
  }

  void remove(Follower follower) {
    if (follower == nobody) {
      return;
    }
    followers.decrementAndGet();
    crowds.computeIfPresent(
        follower.instance, (who, crowd) -> crowd.remove(follower) ? null : crowd);
  }

  /** Has those go whose next poll did not come in time. */
  void sweep() {
    long now = clock.millis();
    followers().forEach(one -> one.goneIfOver(now));
  }

  /** All, in no order. */
  Stream<Follower> followers() {
    return crowds.values().stream().flatMap(crowd -> crowd.followers().stream());
  }

  long nowMillis() {
    return clock.millis();
  }

  Duration answeredLease() {
    return ANSWERED_LEASE;
  }

  Duration lostLease() {
    return LOST_LEASE;
  }

  Standing standing(ConfigKey key, Instance instance) {
    return standings.of(key, instance);
  }

  /** Room for what a follower has of a config; null if there is none. */
  @Nullable Followed follow(ConfigKey key) {
    if (isFull()) {
      unknown.incrementAndGet();
      return null;
    }
    holdings.incrementAndGet();
    return followed.compute(
        key,
        (same, known) -> {
          Followed of = known == null ? new Followed(key) : known;
          of.holdings++;
          return of;
        });
  }

  /** A follower listens to something no more. */
  void release(Holding holding) {
    Followed of = holding.followed;
    of.remove(holding);
    holdings.decrementAndGet();
    followed.computeIfPresent(
        of.key, (key, known) -> known == of && --known.holdings == 0 ? null : known);
  }

  /** Whether anybody listens to this, on this node. */
  boolean isFollowed(ConfigKey key) {
    return followed.containsKey(key);
  }

  boolean isClosed() {
    return closed;
  }

  /** How many configs all followers listen to, each counted as often as it is listened to. */
  public long holdings() {
    return holdings.get();
  }

  private CompletionStage<Payload> answer(Payload question) {
    AudienceQuery query = AudienceQuery.of(question);
    return CompletableFuture.supplyAsync(
        () -> {
          ConfigKey key = query.key();
          return (key == null ? ofAll(query) : of(key, query)).toPayload();
        });
  }

  /** Walks over all followers. */
  private AudienceAnswer ofAll(AudienceQuery query) {
    sweep();
    return AudienceSearch.in(followers(), List.of(), unknown.get(), nodes.self(), query);
  }

  /** Looks at those only who listen to that, as this is asked after each change. */
  private AudienceAnswer of(ConfigKey key, AudienceQuery query) {
    Followed of = followed.get(key);
    List<Follower> all = of == null ? List.of() : of.followers();
    long now = clock.millis();
    all.forEach(one -> one.goneIfOver(now));
    List<SeenVersion> versions = of == null ? List.of() : of.versions();
    return AudienceSearch.in(all.stream(), versions, unknown.get(), nodes.self(), query);
  }

  /** Whether so many ask that another should come later. */
  public boolean isBusy() {
    return searches.get() >= MOST_SEARCHES;
  }

  /** Who listens, on all nodes that answer within a second. */
  public CompletionStage<AudiencePage> find(AudienceQuery query) {
    searches.incrementAndGet();
    return ask(query).whenComplete((page, failure) -> searches.decrementAndGet());
  }

  /** The same for what is nobody's search, so that it makes nobody wait. */
  CompletionStage<AudiencePage> ask(AudienceQuery query) {
    try {
      return nodes
          .ask(KIND, query.toPayload(), WITHIN)
          .thenApply(answers -> AudienceSearch.page(answers, query));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Answers no more; what doors tell is still taken, and means nothing. */
  @Override
  public void close() {
    closed = true;
    answering.close();
  }
}
