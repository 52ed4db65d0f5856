package io.posthaste.chaos;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.posthaste.core.Cursor;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpGap;
import io.posthaste.door.tcp.TcpListener;
import io.posthaste.door.tcp.TcpMessage;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A reader over the TCP door, by its Java client. */
final class TcpReader implements DoorClient {
  private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
  private final TcpClient client;

  TcpReader(InetSocketAddress server, Want want) throws IOException {
    client = connect(server);
    Start start =
        want.after().equals("0") ? Start.BEGINNING : new Start.After(Cursor.parse(want.after()));
    List<TopicPattern> topics = want.topics().stream().map(TopicPattern::new).toList();
    client.subscribe(new Subscription(topics, start, want.onlyLatest()), new Listening());
  }

  static TcpClient connect(InetSocketAddress server) throws IOException {
    try {
      return TcpClient.connect(server).get(10, SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("no TCP client", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private final class Listening implements TcpListener {
    @Override
    public void onMessage(TcpMessage message) {
      seen.add(Seen.message(message.topic(), message.payload().utf8(), message.cursor()));
    }

    @Override
    public void onPlace(String cursor) {
      seen.add(Seen.place(cursor));
    }

    @Override
    public void onMissed(List<TcpGap> gaps) {
      seen.add(Seen.missed());
    }

    @Override
    public void onEnded(Throwable reason) {
      seen.add(Seen.end());
    }
  }

  @Override
  public Seen next(Duration limit) {
    try {
      Seen next = seen.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new AssertionError("nothing within " + limit);
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
