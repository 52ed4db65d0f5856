package io.posthaste.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Configs at a server that speaks Nacos' HTTP API, those who wait for them, and who publishes them.
 * All of it lives on one event loop; methods that take time are the caller's thread's.
 */
final class ConfigBed implements AutoCloseable {
  private static final int SOURCES = 8;
  private static final int UNDER_WAY = 256;

  final NacosWire wire;
  private final InetSocketAddress address;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final List<Channel> channels = new ArrayList<>();
  private final String[] md5;
  private final long[] sentNanos;
  private volatile int opened;
  private final List<Runnable> held = new ArrayList<>(); // polls that were answered
  private boolean holds;
  private int parked;
  private int told;
  private int needless;
  private int version;
  private boolean isOver;
  private String failure = ""; // what went wrong first
  private Histogram latency = new Histogram(TimeUnit.MINUTES.toNanos(2), 3);

  ConfigBed(InetSocketAddress address, int configs) {
    this.address = address;
    this.wire = new NacosWire("127.0.0.1:" + address.getPort());
    this.md5 = new String[configs];
    this.sentNanos = new long[configs];
  }

  /** Publishes each config once. */
  void fill() throws InterruptedException {
    Sender sender = sender();
    for (int config = 0; config < md5.length; config++) {
      sender.publish(config);
    }
  }

  /** Opens connections that each poll over so many configs, from the one of their number on. */
  void park(int count, int listed) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      int first = i % (md5.length - listed + 1);
      open(new NacosPoll(first, first + listed - 1), address);
    }
    awaitParked();
  }

  /** The same for the first config, as Apollo's clients do. */
  void parkAtApollo(int count, InetSocketAddress apollo) throws InterruptedException {
    ApolloWire spoken = new ApolloWire("127.0.0.1:" + apollo.getPort());
    for (int i = 0; i < count; i++) {
      open(new ApolloPoll(spoken), apollo);
    }
    awaitParked();
  }

  private void awaitParked() throws InterruptedException {
    await("polls are parked", () -> parked == opened);
    TimeUnit.SECONDS.sleep(2); // what is not parked is answered by then
  }

  /** From now on polls that are answered are posted again by {@link #postHeld} only. */
  void hold() throws InterruptedException {
    on(() -> holds = true);
  }

  void postHeld() throws InterruptedException {
    on(
        () -> {
          held.forEach(Runnable::run);
          held.clear();
          return held;
        });
  }

  /** Connections that ask once, and then are only there. */
  void idle(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      open(new Idle(), address);
    }
    await("connections are there", () -> parked == opened);
  }

  private void open(HttpLine.Caller caller, InetSocketAddress at) throws InterruptedException {
    await("connections are there", () -> opened - parked < UNDER_WAY);
    connect(caller, at);
    opened++;
  }

  int parked() throws InterruptedException {
    return on(() -> parked);
  }

  int told() throws InterruptedException {
    return on(() -> told);
  }

  /** As {@link #told}, within a condition. */
  int toldNow() {
    return told;
  }

  /** Polls that were answered although nothing was published since they were posted. */
  int needless() throws InterruptedException {
    return on(() -> needless);
  }

  /** From publishing to each who was told, since it was asked last. */
  Histogram latency() throws InterruptedException {
    return on(
        () -> {
          Histogram seen = latency;
          latency = new Histogram(TimeUnit.MINUTES.toNanos(2), 3);
          return seen;
        });
  }

  Sender sender() throws InterruptedException {
    Sender sender = new Sender();
    connect(sender, address);
    await("the publisher is connected", () -> sender.line != null);
    return sender;
  }

  void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!on(condition::getAsBoolean)) {
      String why = on(() -> failure);
      if (!why.isEmpty() || System.nanoTime() > deadline) {
        throw new LoadFailedException(what + ": not so (" + why + "), " + parked() + " of them");
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private interface Task<T> {
    T run();
  }

  private <T> T on(Task<T> task) throws InterruptedException {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.execute(() -> done.complete(task.run()));
    try {
      return done.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new LoadFailedException("the event loop does not answer: " + e);
    }
  }

  private void connect(HttpLine.Caller caller, InetSocketAddress at) {
    int source = 2 + channels.size() % SOURCES;
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
            .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
            .handler(new HttpLine(caller))
            .connect(at, new InetSocketAddress("127.0.0." + source, 0));
    channels.add(connected.channel());
    connected.addListener(
        done -> {
          if (!done.isSuccess()) {
            caller.broken("could not connect: " + done.cause().getMessage());
          }
        });
  }

  private void fail(String why) {
    if (!isOver && failure.isEmpty()) {
      failure = why;
    }
  }

  @Override
  public void close() throws InterruptedException {
    on(
        () -> {
          isOver = true;
          return channels;
        });
    channels.forEach(Channel::close);
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(15, TimeUnit.SECONDS);
  }

  /** One that waits for news of some configs, again and again. */
  private abstract class Poll implements HttpLine.Caller {
    private long posted;

    @Override
    public void connected(HttpLine line) {
      post(line);
      parked++;
    }

    final void post(HttpLine line) {
      posted = System.nanoTime();
      line.send(request());
    }

    abstract String request();

    /** Which config an answer tells of; -1 if its time was over. */
    abstract int changed(String body);

    @Override
    public void answered(HttpLine line, int status, String body) {
      if (status != 200) {
        fail("a poll was answered with " + status + ": " + body);
        return;
      }
      int config = changed(body);
      if (config >= 0 && sentNanos[config] > posted) {
        told++;
        latency.recordValue(System.nanoTime() - sentNanos[config]);
      } else if (config >= 0) {
        needless++;
      }
      if (holds) {
        held.add(() -> post(line));
      } else {
        post(line);
      }
    }

    @Override
    public void broken(String why) {
      fail("a poll's connection: " + why);
    }
  }

  private final class NacosPoll extends Poll {
    private final int first;
    private final int last;

    NacosPoll(int first, int last) {
      this.first = first;
      this.last = last;
    }

    @Override
    String request() {
      return wire.poll(first, last, md5);
    }

    @Override
    int changed(String body) {
      return NacosWire.changed(body);
    }
  }

  /** Waits for news of the first config; told at once what there is, it asks for what follows. */
  private final class ApolloPoll extends Poll {
    private final ApolloWire spoken;
    private long since = -1;

    ApolloPoll(ApolloWire spoken) {
      this.spoken = spoken;
    }

    @Override
    public void connected(HttpLine line) {
      post(line);
    }

    @Override
    public void answered(HttpLine line, int status, String body) {
      if (status == 304) { // its time was over
        post(line);
        return;
      }
      parked += since < 0 ? 1 : 0;
      super.answered(line, status, body);
    }

    @Override
    String request() {
      return spoken.poll(0, since);
    }

    @Override
    int changed(String body) {
      since = ApolloWire.told(body);
      return 0;
    }
  }

  /** One that has asked, and keeps its connection. */
  private final class Idle implements HttpLine.Caller {
    @Override
    public void connected(HttpLine line) {
      line.send(wire.get(0));
    }

    @Override
    public void answered(HttpLine line, int status, String body) {
      parked++;
    }

    @Override
    public void broken(String why) {
      fail("a connection: " + why);
    }
  }

  /** One that publishes. */
  final class Sender implements HttpLine.Caller {
    private @Nullable HttpLine line;
    private int answered;
    private String last = "";
    private int ceaseless = -1;

    /** Publishes the next version of a config, and waits until that is acknowledged. */
    void publish(int config) throws InterruptedException {
      int before = on(() -> answered);
      offer(config);
      await("a publish is answered", () -> answered > before);
    }

    /** Sends the next version of a config, whatever else is under way. */
    void offer(int config) {
      loop.execute(
          () -> {
            String content = "content-" + version++;
            md5[config] = NacosWire.md5(content);
            sentNanos[config] = System.nanoTime();
            send(wire.publish(config, content));
          });
    }

    /** Publishes and gets, one after the other: how many gets gave an older version. */
    int stale(int config, int rounds) throws InterruptedException {
      int stale = 0;
      for (int i = 0; i < rounds; i++) {
        publish(config);
        int before = answered();
        loop.execute(() -> send(wire.get(config)));
        await("a get is answered", () -> answered > before);
        stale += on(() -> NacosWire.md5(last).equals(md5[config])) ? 0 : 1;
      }
      return stale;
    }

    /** Publishes one config, each time as soon as it is answered, until it is told to stop. */
    void publishOnAndOn(int config) {
      loop.execute(() -> ceaseless = config);
      offer(config);
    }

    void stop() {
      loop.execute(() -> ceaseless = -1);
    }

    void awaitAnswers(int count) throws InterruptedException {
      await("publishes are answered", () -> answered >= count);
    }

    int answered() throws InterruptedException {
      return on(() -> answered);
    }

    private void send(String request) {
      if (line != null) {
        line.send(request);
      }
    }

    @Override
    public void connected(HttpLine connected) {
      line = connected;
    }

    @Override
    public void answered(HttpLine from, int status, String body) {
      answered++;
      last = body;
      if (status != 200) {
        fail("answered with " + status + ": " + body);
      } else if (ceaseless >= 0) {
        offer(ceaseless);
      }
    }

    @Override
    public void broken(String why) {
      fail("a publisher's connection: " + why);
    }
  }
}
