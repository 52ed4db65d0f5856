package io.posthaste.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Cursor;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpClientOptions;
import io.posthaste.door.tcp.TcpGap;
import io.posthaste.door.tcp.TcpListener;
import io.posthaste.door.tcp.TcpMessage;
import io.posthaste.door.tcp.TcpRefusedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;

/** The binary long connection, with one reader on it. */
final class TcpFeed implements Feed {
  static final int DEFAULT_PORT = 7080;
  private static final int MANY = 512;
  private static final int FEW = 64;

  private final Client client;

  TcpFeed(Client client) {
    this.client = client;
  }

  @Override
  public void follow(Place place, Listener listener) throws IOException, InterruptedException {
    URI base = client.base();
    Subscription what = subscription(place);
    String shown = client.authorization();
    TcpClientOptions options =
        TcpClientOptions.DEFAULT.withAuthorization(shown == null ? "" : shown);
    if (base.getScheme().equals("tcps")) {
      options = options.withTls(client.trust().context());
    }
    try (TcpClient tcp =
        TcpClient.connect(new InetSocketAddress(base.getHost(), base.getPort()), options).get()) {
      Inbox inbox = new Inbox(tcp);
      tcp.subscribe(what, inbox);
      listener.onConnected();
      while (true) {
        inbox.next(place, listener);
      }
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    }
  }

  private static Subscription subscription(Place place) throws Client.Refusal {
    try {
      List<TopicPattern> topics = place.topics().stream().map(TopicPattern::new).toList();
      return new Subscription(topics, start(place), false);
    } catch (MalformedException e) {
      throw new Client.Refusal(400, String.valueOf(e.getMessage()));
    } catch (DateTimeParseException e) {
      throw new Client.Refusal(
          400, "after: not a time (expected: RFC 3339, as in @2026-11-22T10:00:00Z)");
    }
  }

  private static Start start(Place place) {
    String after = place.cursor();
    Integer last = place.last();
    if (after == null) {
      return last == null ? Start.NOW : new Start.Last(last);
    } else if (after.equals("0")) {
      return Start.BEGINNING;
    }
    return after.startsWith("@")
        ? new Start.Since(Instant.parse(after.substring(1)))
        : new Start.After(Cursor.parse(after));
  }

  private static IOException failure(Throwable reason) {
    if (reason instanceof TcpRefusedException refused) {
      return new Client.Refusal(refused.retry() ? 503 : 400, String.valueOf(refused.getMessage()));
    }
    if (reason instanceof IOException && reason.getCause() instanceof IOException cause) {
      return cause; // why it could not connect, without the address that we tell ourselves
    }
    return reason instanceof IOException io ? io : new IOException(reason);
  }

  /** What has come and was not looked at yet; beyond many of them the server waits. */
  private static final class Inbox implements TcpListener {
    /** What to do with something that came. */
    @FunctionalInterface
    private interface Event {
      void tell(Place place, Listener listener) throws IOException, InterruptedException;
    }

    private final TcpClient tcp;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    Inbox(TcpClient tcp) {
      this.tcp = tcp;
    }

    void next(Place place, Listener listener) throws IOException, InterruptedException {
      events.take().tell(place, listener);
      if (events.size() == FEW) {
        tcp.setReading(true);
      }
    }

    @Override
    public void onMessage(TcpMessage message) {
      Instant now = Instant.now();
      events.add(
          (place, listener) -> {
            listener.onUpdate(update(message, now));
            place.seen(message.cursor());
          });
      if (events.size() >= MANY) {
        tcp.setReading(false);
      }
    }

    private static Update update(TcpMessage message, Instant now) throws IOException {
      return Update.of(
          message.topic(),
          message.id(),
          Instant.ofEpochMilli(message.timeMillis()),
          message.type(),
          message.payload().toByteArray(),
          message.deleted(),
          now);
    }

    @Override
    public void onPlace(String cursor) {
      events.add((place, listener) -> place.seen(cursor));
    }

    @Override
    public void onMissed(List<TcpGap> gaps) {
      ObjectNode all = Json.object();
      for (TcpGap gap : gaps) {
        all.withArray("gaps").addObject().put("topic", gap.topic()).put("from", gap.from());
      }
      events.add((place, listener) -> listener.onMissed(all.path("gaps")));
    }

    @Override
    public void onEnded(Throwable reason) {
      events.add(
          (place, listener) -> {
            throw failure(reason);
          });
    }
  }
}
