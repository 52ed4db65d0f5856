package io.posthaste.server;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollTcpInfo;
import io.posthaste.core.Shard;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One event loop, its shard, and the connections that live on it, which are linked into a list so
 * that being in it costs them two references. To be used by its own thread only, save for the
 * accessors.
 */
public final class Loop {
  // RFC 9110, 5.6.7: IMF-fixdate.
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final long SLICE_MILLIS = 50;
  private static final int TOLD_AT_ONCE = 500;

  private final EventLoop eventLoop;
  private final Shard shard;
  private final Traffic traffic;
  private final ConnectionQuota quota;
  private final LongSupplier numbers;
  private final RecentHeads recentHeads = new RecentHeads();
  private @Nullable Connection first;
  private boolean draining;
  private long dateSecond = -1;
  private String date = "";
  private @Nullable EpollTcpInfo tcpInfo;

  Loop(
      EventLoop eventLoop,
      Shard shard,
      Traffic traffic,
      ConnectionQuota quota,
      LongSupplier numbers) {
    this.eventLoop = eventLoop;
    this.numbers = numbers;
    this.shard = shard;
    this.traffic = traffic;
    this.quota = quota;
  }

  /** The loop itself. */
  public EventLoop eventLoop() {
    return eventLoop;
  }

  /** The shard whose thread this loop's is. */
  public Shard shard() {
    return shard;
  }

  /** Where buffers that are not of one connection come from. */
  ByteBufAllocator alloc() {
    return ByteBufAllocator.DEFAULT;
  }

  Traffic traffic() {
    return traffic;
  }

  /** How many connections there may be. */
  ConnectionQuota quota() {
    return quota;
  }

  /** The requests' heads that were parsed on this loop lately. */
  RecentHeads recentHeads() {
    return recentHeads;
  }

  /** The number of one more connection. */
  long nextNumber() {
    return numbers.getAsLong();
  }

  void add(Connection connection) {
    connection.next = first;
    if (first != null) {
      first.previous = connection;
    }
    first = connection;
  }

  void remove(Connection connection) {
    if (connection.previous != null) {
      connection.previous.next = connection.next;
    } else if (first == connection) {
      first = connection.next;
    }
    if (connection.next != null) {
      connection.next.previous = connection.previous;
    }
    connection.previous = null;
    connection.next = null;
  }

  /** Visits each connection that is there now; any of them may go meanwhile. */
  void forEach(Consumer<Connection> visitor) {
    visit(all(), visitor);
  }

  /** The connections that are there now, those that came last first. */
  List<Connection> all() {
    List<Connection> all = new ArrayList<>();
    for (Connection connection = first; connection != null; connection = connection.next) {
      all.add(connection);
    }
    return all;
  }

  /**
   * Has each connection that is there now told that who may what has changed, some at a time, so
   * that the loop sees to its sockets meanwhile. To be called by the loop's thread.
   */
  void tellAccessChanged() {
    tellAccessChanged(all(), 0);
  }

  private void tellAccessChanged(List<Connection> connections, int from) {
    int to = Math.min(from + TOLD_AT_ONCE, connections.size());
    visit(connections.subList(from, to), Connection::onAccessChanged);
    if (to < connections.size()) {
      eventLoop.execute(() -> tellAccessChanged(connections, to));
    }
  }

  private static void visit(List<Connection> connections, Consumer<Connection> visitor) {
    for (Connection connection : connections) {
      if (!connection.isGone()) {
        visitor.accept(connection);
      }
    }
  }

  /** Whether the server is going down. */
  boolean isDraining() {
    return draining;
  }

  /**
   * Has each connection told, a slice after the other over that time. Who came by another
   * protocol's object meanwhile, as a request that became a stream, is told when it does.
   */
  void drain(Consumer<Connection> goodbye, Duration spread) {
    draining = true;
    List<Connection> all = all();
    Collections.shuffle(all); // or whoever came last would always be the first to go
    int slices = (int) Math.max(1, Math.min(all.size(), spread.toMillis() / SLICE_MILLIS));
    for (int i = 0; i < slices; i++) {
      List<Connection> slice =
          all.subList(
              (int) ((long) all.size() * i / slices), (int) ((long) all.size() * (i + 1) / slices));
      eventLoop.schedule(
          () -> visit(slice, goodbye), spread.toMillis() * i / slices, TimeUnit.MILLISECONDS);
    }
  }

  /** The second that the clock shows, for {@link #date}. */
  static long second() {
    return System.currentTimeMillis() / 1000;
  }

  /** The value of a {@code Date} header, formatted once a second. */
  String date(long second) {
    if (second != dateSecond) {
      date = DATE.format(Instant.ofEpochSecond(second));
      dateSecond = second;
    }
    return date;
  }

  /** A place for what the kernel says of a connection, shared by all that ask in turn. */
  EpollTcpInfo tcpInfo() {
    EpollTcpInfo info = tcpInfo;
    if (info == null) {
      tcpInfo = info = new EpollTcpInfo();
    }
    return info;
  }
}
