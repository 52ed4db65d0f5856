package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.posthaste.core.Shard;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The event loops that all doors share, each with its shard, and the listening sockets on them. By
 * native epoll where there is one, else by NIO. Safe for all threads.
 */
public final class Loops implements AutoCloseable {
  private static final int MIN_RETRY_MILLIS = 500;
  private static final int MAX_RETRY_MILLIS = 5_000;

  private final MultiThreadIoEventLoopGroup group;
  private final boolean isNative;
  private final Traffic traffic = new Traffic();
  private final AtomicLong numbers = new AtomicLong(); // of connections
  private final Map<EventLoop, Loop> byEventLoop = new IdentityHashMap<>();
  private final List<EventLoop> executors;
  private volatile List<Loop> all = List.of();
  private final List<Channel> listeners = new CopyOnWriteArrayList<>();
  private final ConnectionQuota quota;
  private volatile boolean draining;

  /**
   * Makes loops for as many connections as come.
   *
   * @param count how many; a loop is a thread
   */
  public Loops(int count) {
    this(count, ConnectionQuota.unlimited());
  }

  /**
   * Makes loops; their threads start with their first work.
   *
   * @param count how many; a loop is a thread
   * @param quota of connections, on all of them together
   */
  public Loops(int count, ConnectionQuota quota) {
    this(count, quota, Epoll.isAvailable());
  }

  Loops(int count, boolean isNative) {
    this(count, ConnectionQuota.unlimited(), isNative);
  }

  private Loops(int count, ConnectionQuota quota, boolean isNative) {
    this.quota = quota;
    this.isNative = isNative;
    this.group =
        new MultiThreadIoEventLoopGroup(
            count,
            new DefaultThreadFactory("loop"),
            isNative ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    List<EventLoop> found = new ArrayList<>(count);
    group.forEach(executor -> found.add((EventLoop) executor));
    this.executors = List.copyOf(found);
  }

  /** The loops as executors, for a hub that is to have a shard on each. */
  public List<? extends ScheduledExecutorService> executors() {
    return executors;
  }

  /**
   * Gives the loops their shards. To be called once, before anything listens.
   *
   * @param shards in the order of {@link #executors}
   */
  public void attach(List<Shard> shards) {
    if (!all.isEmpty() || shards.size() != executors.size()) {
      throw new IllegalStateException(
          "shards: " + shards.size() + " (expected: " + executors.size() + ", once)");
    }
    List<Loop> loops = new ArrayList<>(shards.size());
    for (int i = 0; i < shards.size(); i++) {
      Loop loop =
          new Loop(executors.get(i), shards.get(i), traffic, quota, numbers::incrementAndGet);
      byEventLoop.put(executors.get(i), loop);
      loops.add(loop);
    }
    all = List.copyOf(loops);
  }

  /** As many loops as the machine has processors. */
  public static int defaultCount() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** The loops. */
  public List<Loop> all() {
    return all;
  }

  /** What has passed through all of them. */
  public Traffic traffic() {
    return traffic;
  }

  /** How many connections there may be. */
  public ConnectionQuota quota() {
    return quota;
  }

  /** Whether the native transport is used. */
  public boolean isNative() {
    return isNative;
  }

  /** Whether the server is going down: nothing new should be begun. */
  public boolean isDraining() {
    return draining;
  }

  /**
   * Listens.
   *
   * @param address where; port 0 for any free one
   * @param connections makes the object that a new connection is
   * @return the address that is bound
   * @throws IOException if it cannot be bound, as when it is taken
   */
  public InetSocketAddress listen(
      InetSocketAddress address, ConnectionLimits limits, Function<Loop, Connection> connections)
      throws IOException {
    return listen(address, limits, null, connections);
  }

  /**
   * Listens, by TLS.
   *
   * @param address where; port 0 for any free one
   * @param tls stays the caller's, and must outlive the connections; null for none
   * @param connections makes the object that a new connection is
   * @return the address that is bound
   * @throws IOException if it cannot be bound, as when it is taken
   */
  public InetSocketAddress listen(
      InetSocketAddress address,
      ConnectionLimits limits,
      @Nullable Tls tls,
      Function<Loop, Connection> connections)
      throws IOException {
    if (all.isEmpty()) {
      throw new IllegalStateException("the loops have no shards yet");
    }
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(isNative ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, limits.backlog())
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(limits.lowWaterBytes(), limits.highWaterBytes()))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Loop loop = requireNonNull(byEventLoop.get(channel.eventLoop()));
                    if (tls != null) {
                      channel.pipeline().addLast(new ByteMeter(traffic));
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel.pipeline().addLast(connections.apply(loop));
                  }
                });
    if (limits.sendBufferBytes() > 0) {
      bootstrap.childOption(ChannelOption.SO_SNDBUF, limits.sendBufferBytes());
    }
    if (isNative) {
      // Finds a peer that is gone on a connection that waits in silence, as a held poll does.
      int heartbeat = Math.max(1, (int) limits.heartbeat().toSeconds());
      bootstrap
          .childOption(ChannelOption.SO_KEEPALIVE, true)
          .childOption(EpollChannelOption.TCP_KEEPIDLE, heartbeat)
          .childOption(EpollChannelOption.TCP_KEEPINTVL, Math.max(1, heartbeat / 5))
          .childOption(EpollChannelOption.TCP_KEEPCNT, 3);
    }
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + bound.cause().getMessage(),
          bound.cause());
    }
    listeners.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  /** Has all connections look again whether those who have them still may. Any thread. */
  public void tellAccessChanged() {
    for (Loop loop : all) {
      loop.shard().execute(loop::tellAccessChanged);
    }
  }

  /** Brings all connections to their end, all at once; see {@link #drain(Duration, Duration)}. */
  public CompletableFuture<Void> drain(Duration limit) {
    return drain(Duration.ZERO, limit);
  }

  /**
   * Brings all connections to their end, in order: stops listening, tells each of them, waits, cuts
   * those that are still there. The loops live on, for what else is to be ended on them.
   *
   * @param spread over how long connections are told, so that those who come back elsewhere do not
   *     all come at once
   * @param limit how long connections may take once the last was told
   * @return completed when no connection is left
   */
  public CompletableFuture<Void> drain(Duration spread, Duration limit) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    draining = true;
    listeners.forEach(Channel::close);
    for (Loop loop : all) {
      loop.eventLoop().execute(() -> loop.drain(Loops::sayGoodbye, spread));
    }
    awaitEnd(System.nanoTime() + spread.plus(limit).toNanos(), ended);
    return ended;
  }

  private void awaitEnd(long deadline, CompletableFuture<Void> ended) {
    if (traffic.connections() == 0 && listeners.stream().noneMatch(Channel::isOpen)) {
      ended.complete(null);
      return;
    }
    if (System.nanoTime() - deadline >= 0) {
      for (Loop loop : all) {
        loop.eventLoop().execute(() -> loop.forEach(Connection::reset));
      }
    }
    group.next().schedule(() -> awaitEnd(deadline, ended), 20, TimeUnit.MILLISECONDS);
  }

  /** Ends the loops' threads and waits for that; whatever still lives on them is lost. */
  @Override
  public void close() {
    draining = true;
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private static void sayGoodbye(Connection connection) {
    connection.onShutdown(
        ThreadLocalRandom.current().nextInt(MIN_RETRY_MILLIS, MAX_RETRY_MILLIS + 1));
  }
}
