package io.posthaste.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts one {@link Load} on one {@link Target} and accounts for every delivery.
 *
 * <p>Everything but the reading of {@code /proc} happens on one event loop, so that a tool that is
 * pinned to a core uses no other. Messages are sent when they are due, whatever the server does (up
 * to the depth of the publishing connections), and latencies count from that moment: a server that
 * makes the sender wait cannot hide it.
 */
public final class LoadRun {
  private static final int TICK_MILLIS = 5;
  private static final int CONNECTING_AT_ONCE = 256;
  private static final int SOURCES = 8;
  private static final Duration LATE_DUPLICATES = Duration.ofMillis(200);

  private final Target target;
  private final Load load;
  private final @Nullable ProcessTree server;
  private final List<Channel> channels = new ArrayList<>();
  private final SharedReceiveBuffer receiveBuffer = new SharedReceiveBuffer();
  private final RunState state;
  private final EventLoopGroup group;
  private final EventLoop loop;
  private final long deadline;
  private int opened;
  private int nextMessage;
  private long connectStart;
  private long residentPeak;

  private LoadRun(Target target, Load load, long serverPid) {
    this.target = target;
    this.load = load;
    this.server = serverPid > 0 ? new ProcessTree(serverPid) : null;
    this.state = new RunState(target, load, ThreadLocalRandom.current().nextInt());
    this.deadline = System.nanoTime() + load.limit().toNanos();
    this.group =
        new MultiThreadIoEventLoopGroup(
            1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    this.loop = group.next();
  }

  /**
   * Runs a load to its end, or until its limit. Blocks.
   *
   * @param serverPid whose CPU and memory to read, with its descendants; 0 for nobody's
   * @throws LoadFailedException if readers could not be brought to wait
   */
  public static Result run(Target target, Load load, long serverPid) throws InterruptedException {
    target.opening(load.technique());
    LoadRun run = new LoadRun(target, load, serverPid);
    try {
      return run.run();
    } finally {
      run.close();
    }
  }

  /** Readers that wait until this is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close() throws InterruptedException;
  }

  /**
   * Brings a load's readers to wait, and leaves them so. Blocks until they do.
   *
   * @throws LoadFailedException if they could not be brought to wait
   */
  static Held hold(Target target, Load load) throws InterruptedException {
    LoadRun run = new LoadRun(target, load, 0);
    boolean isHeld = false;
    try {
      run.connect();
      isHeld = true;
      return run::close;
    } finally {
      if (!isHeld) {
        run.close();
      }
    }
  }

  private Result run() throws InterruptedException {
    ProcessTree.Memory before = memory();
    long connectNanos = connect();
    ProcessTree.Memory waiting = memory();
    int threads = server == null ? 0 : server.threads();
    double idleCpu = holdIdle();

    long serverCpu = server == null ? 0 : server.cpuMicros();
    long toolCpu = toolCpuMicros();
    long machineCpu = ProcessTree.machineCpuMicros();
    long start = System.nanoTime();
    if (load.messages() > 0) {
      publish();
    }
    double elapsedMicros = (System.nanoTime() - start) / 1e3;
    long serverCpuUsed = server == null ? 0 : server.cpuMicros() - serverCpu;
    long toolCpuUsed = toolCpuMicros() - toolCpu;
    long machineCpuUsed = ProcessTree.machineCpuMicros() - machineCpu;
    pause(LATE_DUPLICATES);
    ProcessTree.Memory after = memory();

    ServerUse use =
        server == null
            ? null
            : new ServerUse(
                before.resident(),
                waiting.resident(),
                after.resident(),
                residentPeak,
                before.proportional(),
                waiting.proportional(),
                after.proportional(),
                serverCpuUsed,
                threads,
                idleCpu);
    double otherCpu =
        server == null
            ? Double.NaN
            : Math.max(0, (machineCpuUsed - serverCpuUsed - toolCpuUsed) / elapsedMicros);
    return onLoop(() -> result(use, connectNanos / 1e9, toolCpuUsed / elapsedMicros, otherCpu));
  }

  private Result result(
      @Nullable ServerUse use, double connectSeconds, double toolCpu, double otherCpu) {
    long lost = 0;
    for (int reader = load.stalled() * load.subscriptions(); reader < load.readers(); reader++) {
      int topic = load.topicOf(reader);
      if (topic < load.publishedTopics()) {
        lost += state.ledger.lost(reader, state.published[topic], state.failed[topic]);
      }
    }
    long firstDue = state.origin + state.firstDue;
    return new Result(
        target,
        load,
        state.acknowledged,
        state.failedPublishes,
        state.expected,
        state.ledger.received(),
        lost,
        state.ledger.duplicates(),
        state.ledger.outOfOrder(),
        state.stray,
        state.stale,
        state.lostConnections,
        Latency.of(state.latency),
        state.medianPass(),
        Latency.of(state.acks),
        Latency.of(state.lateness),
        connectSeconds,
        state.lastArrival == 0 ? 0 : (state.lastArrival - firstDue) / 1e9,
        state.lastAck == 0 ? 0 : (state.lastAck - firstDue) / 1e9,
        toolCpu,
        otherCpu,
        use,
        state.firstFailure);
  }

  private long connect() throws InterruptedException {
    connectStart = System.nanoTime();
    Bootstrap readers = bootstrap();
    until(
        () -> {
          long elapsedMicros = (System.nanoTime() - connectStart) / 1_000;
          long allowed = 1 + elapsedMicros * load.connectRate() / 1_000_000;
          while (opened < load.connections()
              && opened < allowed
              && opened - state.waiting < CONNECTING_AT_ONCE
              && state.lostConnections == 0) {
            open(readers, ReaderConnection.of(state, opened), target.ofReader(opened), opened++);
          }
          return state.waiting == load.connections() || state.lostConnections > 0;
        });
    long took = System.nanoTime() - connectStart;
    if (state.waiting < load.connections()) {
      throw new LoadFailedException(
          state.waiting + " of " + load.connections() + " connections wait: " + reason());
    }
    pause(load.settle());
    return took;
  }

  private String reason() {
    return state.firstFailure == null ? "no answer within " + load.limit() : state.firstFailure;
  }

  private double holdIdle() throws InterruptedException {
    if (load.idle().isZero()) {
      return Double.NaN;
    }
    long cpu = server == null ? 0 : server.cpuMicros();
    long start = System.nanoTime();
    pause(load.idle());
    double micros = (System.nanoTime() - start) / 1e3;
    return server == null ? Double.NaN : (server.cpuMicros() - cpu) / micros;
  }

  private void publish() throws InterruptedException {
    List<Publisher> publishers = new ArrayList<>();
    Bootstrap bootstrap = bootstrap();
    for (int i = 0; i < load.publishers(); i++) {
      Publisher publisher = new Publisher(state);
      publishers.add(publisher);
      open(bootstrap, publisher, target.address(), i).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
    loop.execute(
        () -> {
          state.firstDue = state.sinceOrigin() + TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
          pace(publishers);
        });
    long[] sampled = {System.nanoTime()};
    until(
        () -> {
          long now = System.nanoTime();
          int answered = state.acknowledged + state.failedPublishes;
          if (server != null && now - sampled[0] > 250_000_000L) {
            sampled[0] = now;
            residentPeak = Math.max(residentPeak, server.resident());
          }
          if (answered < load.messages()) {
            return false;
          }
          return state.ledger.received() >= state.expected
              || now - Math.max(state.lastAck, state.lastArrival) > load.drain().toNanos();
        });
    if (server != null) {
      residentPeak = Math.max(residentPeak, server.resident());
    }
  }

  private void pace(List<Publisher> publishers) {
    long now = state.sinceOrigin();
    while (nextMessage < load.messages() && state.dueAt(nextMessage) <= now) {
      publishers.get(state.topicOf(nextMessage) % publishers.size()).offer(nextMessage++);
    }
    for (Publisher publisher : publishers) {
      publisher.drain();
    }
    if (nextMessage < load.messages() && !state.closing) {
      long wait = state.dueAt(nextMessage) - state.sinceOrigin();
      loop.schedule(() -> pace(publishers), Math.max(0, wait), TimeUnit.NANOSECONDS);
    }
  }

  private ChannelFuture open(
      Bootstrap bootstrap, ChannelHandler handler, InetSocketAddress address, int n) {
    boolean isIpv4 = address.getAddress().getAddress().length == 4;
    Bootstrap one = bootstrap.clone().handler(handler);
    // An address has some 28,000 ports for connections to one server; each source adds as many.
    InetSocketAddress source =
        isIpv4 ? new InetSocketAddress("127.0.0." + (2 + n % SOURCES), 0) : null;
    ChannelFuture connected = source == null ? one.connect(address) : one.connect(address, source);
    connected.addListener(
        done -> {
          if (done.isSuccess()) {
            channels.add(connected.channel());
          } else {
            state.lostConnections++;
            state.failure("could not connect to " + address + ": " + done.cause().getMessage());
          }
        });
    return connected;
  }

  private Bootstrap bootstrap() {
    Class<? extends SocketChannel> type =
        Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(type)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
            .option(ChannelOption.RECVBUF_ALLOCATOR, receiveBuffer);
    if (Epoll.isAvailable()) {
      bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
    }
    return bootstrap;
  }

  /** Asks on the loop, every few milliseconds, until the answer is yes or the limit has passed. */
  private void until(BooleanSupplier isOver) throws InterruptedException {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    tick(isOver, over);
    await(over);
  }

  private void tick(BooleanSupplier isOver, CompletableFuture<Boolean> over) {
    loop.execute(
        () -> {
          try {
            if (isOver.getAsBoolean()) {
              over.complete(true);
            } else if (System.nanoTime() > deadline) {
              state.failure("given up after " + load.limit());
              over.complete(false);
            } else {
              loop.schedule(() -> tick(isOver, over), TICK_MILLIS, TimeUnit.MILLISECONDS);
            }
          } catch (RuntimeException e) {
            over.completeExceptionally(e);
          }
        });
  }

  private <T> T onLoop(Callable<T> task) throws InterruptedException {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            done.complete(task.call());
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    return await(done);
  }

  private static <T> T await(CompletableFuture<T> future) throws InterruptedException {
    try {
      // Every task on the loop is bounded by the run's limit; this only guards the guard.
      return future.get(1, TimeUnit.HOURS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new LoadFailedException("the event loop does not answer");
    }
  }

  private void pause(Duration time) throws InterruptedException {
    loop.schedule(() -> {}, time.toNanos(), TimeUnit.NANOSECONDS).await();
  }

  private ProcessTree.Memory memory() throws InterruptedException {
    return server == null ? new ProcessTree.Memory(0, 0) : server.memoryAfterCollection();
  }

  private static long toolCpuMicros() {
    return new ProcessTree(ProcessHandle.current().pid()).ownCpuMicros();
  }

  private void close() throws InterruptedException {
    onLoop(
        () -> {
          state.closing = true;
          channels.forEach(Channel::close);
          return true;
        });
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(15, TimeUnit.SECONDS);
    receiveBuffer.free();
  }
}
