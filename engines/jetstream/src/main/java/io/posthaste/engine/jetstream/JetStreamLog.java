package io.posthaste.engine.jetstream;

import io.nats.client.Connection;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.CommitListener;
import io.posthaste.core.Interest;
import io.posthaste.core.Log;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Nodes;
import io.posthaste.core.Page;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.TopicState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clustered log: its messages are in streams of NATS JetStream, a stream for each rule of the
 * policies, which is a partition. Any number of nodes have it open at once, and hold nothing that
 * another lacks.
 *
 * <p>An append is acknowledged when a majority of the stream's replicas has it. What that survives,
 * NATS' settings say: see docs/cluster.md.
 */
public final class JetStreamLog implements Log {
  private static final Logger LOGGER = LoggerFactory.getLogger(JetStreamLog.class);
  private static final String API = "$JS.API.";

  private static final long KEEP_MILLIS = 250;
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(1);
  private static final Duration GOODBYE = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final int CHECK_TURNS = 20;
  private static final int BEAT_TURNS = 4;
  private static final int NODES_TURNS = 20;

  private final Connection connection;
  private final Policies policies;
  private final String epoch;
  private final List<Partition> partitions;
  private final List<Integer> numbers;
  private final Routing routing;
  private final Wire wire;
  private final Heads heads;
  private final Led led;
  private final StreamReader reader;
  private final Listing listing;
  private final Appender appender;
  private final Live live;
  private final Trimmer trimmer;
  private final List<Mirror> mirrors;
  private final Beats beats;
  private final Asking asking;
  private int turns; // of the keeper, as is the next
  private boolean storing = true;
  private final ScheduledExecutorService keeper =
      Executors.newSingleThreadScheduledExecutor(JetStreamLog::keeperThread);
  private final JetStreamOptions options;
  private final int replicas;
  private final AtomicBoolean checking = new AtomicBoolean();
  private volatile String anotherLog = ""; // why this is another log than at the start, if so
  private volatile boolean closed;

  private JetStreamLog(Connection connection, JetStreamOptions options, Streams.Ready ready) {
    this.connection = connection;
    this.options = options;
    this.replicas = ready.replicas();
    this.policies = options.policies();
    this.epoch = ready.epoch();
    this.partitions = ready.partitions();
    this.numbers = partitions.stream().map(partition -> partition.number).sorted().toList();
    this.routing = ready.routing();
    this.wire = new Wire(connection, API);
    this.heads = new Heads(wire, partitions);
    this.mirrors =
        partitions.stream()
            .filter(partition -> partition.policy.mirrored())
            .map(partition -> new Mirror(partition, options.clock(), options.maxQueuedBytes()))
            .toList();
    this.led = new Led(heads, replicas > 1);
    this.reader = new StreamReader(wire, routing, heads, led, mirrors, replicas > 1);
    this.listing = new Listing(wire, led, partitions);
    String node = Nodes.newName(); // another one at each start, as beats are numbered from 1
    this.beats = new Beats(wire, options.prefix(), node, partitions);
    Peers peers = new Peers();
    this.live =
        new Live(
            wire,
            routing,
            partitions,
            heads::head,
            options.maxQueuedBytes(),
            Beats.subjectOf(options.prefix(), "*"),
            peers);
    this.asking = new Asking(wire, options.prefix(), node, peers);
    this.trimmer = new Trimmer(wire);
    this.appender =
        new Appender(
            wire,
            routing,
            epoch,
            options.clock(),
            newestMillis(),
            options.maxUnansweredBytes(),
            trimmer,
            beats,
            new Claims(wire, options.prefix(), ready.replicas()));
  }

  /** Says that this node is there, before it appends anything; then goes on saying so. */
  private void begin() {
    for (Mirror mirror : mirrors) {
      await(live.followAll(mirror, mirror.partition()));
      await(mirror.load(wire, led, heads));
    }
    await(beats.beat());
    keeper.scheduleWithFixedDelay(this::keep, KEEP_MILLIS, KEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static Thread keeperThread(Runnable work) {
    Thread thread = new Thread(work, "posthaste-keeper");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Looks whether the streams are as they were, after NATS was away: those in memory may be gone,
   * and are made again. On a thread of its own, as it waits for answers; one at a time.
   */
  private void check() {
    if (!checking.compareAndSet(false, true)) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                compare(Streams.open(connection, options.prefix(), policies, replicas));
              } catch (LogException e) {
                if (!closed) {
                  LOGGER.warn("the streams could not be checked why={}", e.getMessage());
                }
              } finally {
                checking.set(false);
              }
            },
            "posthaste-check");
    thread.setDaemon(true);
    thread.start();
  }

  private void compare(Streams.Ready now) {
    if (!now.epoch().equals(epoch)) {
      String why = "the log in NATS is another one than at the start (expected: a restart)";
      LOGGER.error("{} epoch={} now={}", why, epoch, now.epoch());
      appender.refuse(why);
      anotherLog = why;
      return;
    }
    for (Partition there : now.partitions()) {
      Partition ours = routing.partition(there.number);
      if (there.base() > ours.base()) {
        ours.rebase(there.base());
      }
    }
    live.interrupt("the streams were checked");
  }

  private void keep() {
    try {
      turns++;
      if (turns % CHECK_TURNS == 0 && wire.isConnected() && beats.failure().isPresent()) {
        check();
      }
      sayWhetherItStores();
      trimmer.trim();
      if (turns % 2 == 0) {
        live.tick();
      }
      if (turns % BEAT_TURNS == 0) {
        beats.beat();
      }
      for (Mirror mirror : mirrors) {
        if (turns % BEAT_TURNS == 0 && mirror.isWanting()) {
          mirror
              .load(wire, led, heads)
              .exceptionally(
                  failure -> {
                    LOGGER.debug("a mirror could not be read", failure);
                    return null;
                  });
        }
      }
      if (turns % NODES_TURNS == 0) {
        beats.nodes().thenAccept(live::nodes);
      }
    } catch (RuntimeException e) { // thrown further, it would end all later turns
      LOGGER.error("keeping failed", e);
    }
  }

  /** Once when it no longer does, and once when it does again. */
  private void sayWhetherItStores() {
    boolean stores = beats.failure().isEmpty();
    if (stores != storing) {
      storing = stores;
      if (stores) {
        LOGGER.info("JetStream stores again");
      } else {
        LOGGER.warn(
            "JetStream stores nothing, publishers are told to come back (expected: a majority of the"
                + " nats-servers that hold the streams; look at their logs and /jsz) connected={}",
            wire.isConnected());
      }
    }
  }

  private final class Open implements NatsConnection.Listening {
    @Override
    public void lost(String why) {
      live.interrupt(why);
      check();
    }

    @Override
    public void disconnected() {
      LOGGER.warn("the connection to NATS is lost");
    }

    @Override
    public void complaint(String what) {
      LOGGER.warn("NATS says error={}", what);
    }
  }

  /**
   * Connects, and makes the streams or checks them. Blocks for as long as that takes.
   *
   * @throws LogException if NATS cannot be reached, or what it holds does not fit
   */
  public static JetStreamLog open(JetStreamOptions options) {
    AtomicReference<NatsConnection.Listening> listening =
        new AtomicReference<>(new NatsConnection.Opening());
    Connection connection = NatsConnection.open(options, listening);
    try {
      int replicas = options.replicas();
      if (replicas == 0) {
        String cluster = connection.getServerInfo().getCluster();
        replicas = cluster == null || cluster.isEmpty() ? 1 : 3;
      }
      Streams.Ready ready =
          Streams.open(connection, options.prefix(), options.policies(), replicas);
      NatsConnection.sayLimits(connection, ready);
      NatsConnection.sayVersion(connection, replicas);
      JetStreamLog log = new JetStreamLog(connection, options, ready);
      try {
        listening.set(log.new Open());
        log.begin();
        return log;
      } catch (RuntimeException | Error e) {
        log.close();
        throw e;
      }
    } catch (RuntimeException | Error e) {
      NatsConnection.close(connection);
      throw e;
    }
  }

  /** The time of the newest message there is. */
  private long newestMillis() {
    return await(
        SideBySide.ask(
                partitions, partition -> wire.last(partition.stream, partition.subjects + ">"))
            .thenApply(
                lasts ->
                    lasts.stream()
                        .flatMap(Optional::stream)
                        .mapToLong(entry -> Codec.timeMillis(entry.headers()))
                        .max()
                        .orElse(0)));
  }

  /** For the start only. */
  private static <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.get(2 * Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogException("interrupted while the log was opened", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new LogException("the log in JetStream cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public List<Integer> partitions() {
    return numbers;
  }

  @Override
  public int partitionOf(Topic topic) {
    return routing.of(topic).number;
  }

  @Override
  public List<Integer> partitionsOf(TopicPattern topics) {
    return routing.of(topics);
  }

  @Override
  public Policies policies() {
    return policies;
  }

  @Override
  public CompletionStage<List<Appended>> append(List<Append> batch) {
    return appender.append(batch);
  }

  private <T> CompletionStage<T> unlessClosed(Supplier<CompletableFuture<T>> answer) {
    return closed
        ? CompletableFuture.failedFuture(new LogException("the log is closed"))
        : answer.get();
  }

  @Override
  public CompletionStage<Long> head(int partition) {
    return unlessClosed(() -> heads.head(partition));
  }

  @Override
  public long known(int partition) {
    return closed ? -1 : routing.partition(partition).known();
  }

  @Override
  public CompletionStage<Page> read(ReadRequest request) {
    return unlessClosed(() -> reader.forward(request));
  }

  @Override
  public CompletionStage<Page> readBackward(ReadRequest request) {
    return unlessClosed(() -> reader.backward(request));
  }

  @Override
  public CompletionStage<Optional<Message>> latest(Topic topic) {
    return unlessClosed(() -> reader.latest(routing.of(topic), topic));
  }

  @Override
  public CompletionStage<Optional<TopicState>> state(Topic topic) {
    return unlessClosed(() -> listing.state(routing.of(topic), topic));
  }

  @Override
  public CompletionStage<TopicPage> topics(String prefix, String after, int limit) {
    return unlessClosed(() -> listing.topics(prefix, after, limit));
  }

  @Override
  public CompletionStage<Long> placeAt(int partition, Instant time) {
    return unlessClosed(() -> reader.placeAt(routing.partition(partition), time.toEpochMilli()));
  }

  @Override
  public Nodes nodes() {
    return asking;
  }

  @Override
  public Interest follow(CommitListener listener) {
    return live.follow(listener);
  }

  /** The server that this node is connected to at the moment; empty if to none. */
  String connectedTo() {
    String url = connection.getConnectedUrl();
    return url == null ? "" : url;
  }

  @Override
  public Optional<String> failure() {
    if (!anotherLog.isEmpty()) {
      return Optional.of(anotherLog);
    }
    return wire.isConnected()
        ? beats.failure()
        : Optional.of("not connected to NATS (expected: it comes back by itself)");
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    keeper.shutdownNow();
    asking.close();
    appender.close();
    end();
    live.close();
    NatsConnection.close(connection);
  }

  /** Waits a little for what is under way, and says goodbye. */
  private void end() {
    long deadlineNanos = System.nanoTime() + ENDS_WITHIN.toNanos();
    while (!appender.isIdle() && wire.isConnected() && System.nanoTime() < deadlineNanos) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    try {
      beats.end().get(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOGGER.debug("no goodbye was taken", e);
    }
  }
}
