package io.posthaste.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Readers whose server is killed: they come back to the others with their cursors, and are served
 * when they have what was published on their topic meanwhile. All on one event loop.
 */
final class StormRun {
  private static final int CONNECTING_AT_ONCE = 256;
  private static final int SOURCES = 8;
  private static final String MARK = "after-the-death";

  private final ClusterBed bed;
  private final ClusterOptions options;
  private final long limitNanos;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger tries = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final long[] servedNanos;
  private volatile long killedNanos;

  /**
   * What was seen.
   *
   * @param lastSeconds from the death until the last reader had what it lacked
   * @param halfSeconds until half of them had
   * @param tries connections that were tried for that
   * @param natsMessages what the nats-server was sent meanwhile
   * @param natsMessagesBefore what it was sent in as long a time before
   */
  record Seen(
      double lastSeconds,
      double halfSeconds,
      int tries,
      long natsMessages,
      long natsMessagesBefore) {}

  StormRun(ClusterBed bed, ClusterOptions options, Duration limit) {
    this.bed = bed;
    this.options = options;
    this.limitNanos = limit.toNanos();
    this.servedNanos = new long[options.storm];
  }

  Seen run() throws InterruptedException {
    try {
      for (int i = 0; i < options.storm; i++) {
        int opened = i;
        await("connections wait", () -> opened - waiting.get() < CONNECTING_AT_ONCE);
        connect(new Reader(i), bed.address(0));
      }
      await("connections wait", () -> waiting.get() == options.storm);
      TimeUnit.SECONDS.sleep(3);
      long[] before = {System.nanoTime(), bed.takenByNats()};
      TimeUnit.SECONDS.sleep(5);
      double calmSeconds = (System.nanoTime() - before[0]) / 1e9;
      long calm = bed.takenByNats() - before[1];

      long taken = bed.takenByNats();
      killedNanos = System.nanoTime();
      ProcessHandle.of(bed.node(0).pid()).ifPresent(ProcessHandle::destroyForcibly);
      StringBuilder lines = new StringBuilder();
      for (int topic = 0; topic < options.stormTopics; topic++) {
        lines.append("{\"topic\":\"storm/").append(topic).append("\",\"data\":\"" + MARK + "\"}\n");
      }
      bed.publish(1, lines.toString());
      await("readers are served", () -> served.get() == options.storm);
      long messages = bed.takenByNats() - taken;
      Arrays.sort(servedNanos);
      double last = servedNanos[servedNanos.length - 1] / 1e9;
      return new Seen(
          last,
          servedNanos[servedNanos.length / 2] / 1e9,
          tries.get(),
          messages,
          Math.round(calm / calmSeconds * last));
    } finally {
      over.set(true);
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }
  }

  private interface Condition {
    boolean holds();
  }

  private void await(String what, Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + limitNanos;
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new LoadFailedException(
            "of "
                + options.storm
                + " "
                + what
                + ": "
                + waiting.get()
                + " waited, "
                + served.get()
                + " were served within "
                + limitNanos / 1_000_000_000
                + " s");
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private void connect(Reader reader, InetSocketAddress address) {
    if (killedNanos != 0) {
      tries.incrementAndGet();
    }
    new Bootstrap()
        .group(loop)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
        .handler(reader.connection(address))
        .connect(address, new InetSocketAddress("127.0.0." + (2 + reader.number % SOURCES), 0))
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  if (!connected.isSuccess()) {
                    reader.comeBack();
                  }
                });
  }

  /** One of those who wait, over one connection after the other. */
  private final class Reader {
    private final int number;
    private String cursor = "";
    private boolean waits;
    private boolean isServed;

    Reader(int number) {
      this.number = number;
    }

    Connection connection(InetSocketAddress address) {
      return new Connection(this, address);
    }

    /** After a random time, at one of the servers that live. */
    void comeBack() {
      if (over.get()) {
        return;
      }
      ThreadLocalRandom random = ThreadLocalRandom.current();
      int node = killedNanos == 0 ? 0 : 1 + random.nextInt(2);
      loop.schedule(
          () -> connect(this, bed.address(node)),
          random.nextLong(options.backWithinMillis + 1L),
          TimeUnit.MILLISECONDS);
    }

    void line(String line) {
      if (line.startsWith("id: ")) {
        cursor = line.substring(4);
        if (!waits) {
          waits = true;
          waiting.incrementAndGet();
        }
      } else if (line.startsWith("data: ") && line.contains(MARK) && !isServed) {
        isServed = true;
        servedNanos[number] = System.nanoTime() - killedNanos;
        served.incrementAndGet();
      }
    }
  }

  /** A connection of a reader's: what comes is cut into lines. */
  private final class Connection extends SimpleChannelInboundHandler<ByteBuf> {
    private final Reader reader;
    private final InetSocketAddress address;
    private @Nullable StringBuilder line;

    Connection(Reader reader, InetSocketAddress address) {
      this.reader = reader;
      this.address = address;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      String request =
          Target.head(
                  "GET",
                  "/v1/updates?topic=storm/" + reader.number % options.stormTopics,
                  "127.0.0.1:" + address.getPort(),
                  "Accept: text/event-stream")
              + (reader.cursor.isEmpty() ? "" : "Last-Event-ID: " + reader.cursor + "\r\n")
              + "\r\n";
      Channel channel = context.channel();
      channel.writeAndFlush(
          channel
              .alloc()
              .buffer(request.length())
              .writeBytes(request.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
      StringBuilder rest = line == null ? new StringBuilder(120) : line;
      rest.append(bytes.toString(StandardCharsets.UTF_8));
      int from = 0;
      for (int end = rest.indexOf("\n", from); end >= 0; end = rest.indexOf("\n", from)) {
        reader.line(rest.substring(from, end).strip());
        from = end + 1;
      }
      rest.delete(0, from);
      line = rest.length() == 0 ? null : rest;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      reader.comeBack();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
