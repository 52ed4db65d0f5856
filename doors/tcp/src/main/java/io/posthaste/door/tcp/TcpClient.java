package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.posthaste.core.Append;
import io.posthaste.core.Payload;
import io.posthaste.core.Poll;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.door.tcp.v1.Ack;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Join;
import io.posthaste.door.tcp.v1.Latest;
import io.posthaste.door.tcp.v1.Leave;
import io.posthaste.door.tcp.v1.Unsubscribe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A client of the TCP door. Nothing blocks; requests may be made at any time from any thread, those
 * of one thread reach the server in their order, and answers complete on the client's loop. Answers
 * heartbeats, and takes a server that is silent for three of them for gone.
 *
 * <p>It does not connect again by itself: when {@link #ended} completes, connect anew and subscribe
 * with the last cursor. What was not answered then may or may not have been done; publish with a
 * {@link Append#withKey key} to be able to repeat it.
 *
 * <pre>{@code
 * TcpClient client = TcpClient.connect(new InetSocketAddress("localhost", 7080)).get();
 * client.subscribe(
 *     Subscription.to(new TopicPattern("news/#"), Start.NOW),
 *     message -> System.out.println(message.topic() + " " + message.payload().utf8()));
 * client.publish(new Topic("news/today"), "text/plain", Payload.of("hello"));
 * }</pre>
 */
public final class TcpClient implements AutoCloseable {
  private final Channel channel;
  private final TcpClientHandler handler;

  private TcpClient(Channel channel, TcpClientHandler handler) {
    this.channel = channel;
    this.handler = handler;
  }

  /** Connects with the default options. */
  public static CompletableFuture<TcpClient> connect(InetSocketAddress server) {
    return connect(server, TcpClientOptions.DEFAULT);
  }

  /**
   * Connects.
   *
   * @return a client that the server has welcomed; fails with an {@link IOException} if it cannot
   *     be reached or is none, with a {@link TcpRefusedException} if it refuses
   */
  public static CompletableFuture<TcpClient> connect(
      InetSocketAddress server, TcpClientOptions options) {
    requireNonNull(server, "server");
    EventLoopGroup shared = options.loops();
    EventLoopGroup loops = shared == null ? ownLoop() : shared;
    TcpClientHandler handler = new TcpClientHandler(options);
    CompletableFuture<TcpClient> connected = new CompletableFuture<>();
    new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.min(Integer.MAX_VALUE, options.connectLimit().toMillis()))
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                SSLContext tls = options.tls();
                if (tls != null) {
                  channel.pipeline().addLast(tls(tls, server));
                }
                channel.pipeline().addLast(handler);
              }
            })
        .connect(server)
        .addListener(
            (io.netty.channel.ChannelFuture opened) -> {
              if (!opened.isSuccess()) {
                handler.fail(
                    new IOException(
                        "cannot connect to " + server + ": " + opened.cause().getMessage(),
                        opened.cause()));
              }
              TcpClient client = new TcpClient(opened.channel(), handler);
              handler
                  .welcomed()
                  .whenComplete(
                      (welcome, failure) -> {
                        if (failure == null) {
                          connected.complete(client);
                        } else {
                          client.close();
                          connected.completeExceptionally(failure);
                        }
                      });
            });
    if (shared == null) {
      handler.ended().whenComplete((end, failure) -> loops.shutdownGracefully(0, 1, SECONDS));
    }
    return connected;
  }

  private static SslHandler tls(SSLContext context, InetSocketAddress server) {
    SSLEngine engine = context.createSSLEngine(server.getHostString(), server.getPort());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name must be the certificate's
    engine.setSSLParameters(parameters);
    return new SslHandler(engine);
  }

  private static final TimeUnit SECONDS = TimeUnit.SECONDS;

  private static EventLoopGroup ownLoop() {
    return new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("posthaste-client", true), NioIoHandler.newFactory());
  }

  /** A subscription under way. */
  public final class Subscribed implements AutoCloseable {
    private final long ref;

    private Subscribed(long ref) {
      this.ref = ref;
    }

    /** Ends it; the listener is not called again. Harmless when it has ended. */
    @Override
    public void close() {
      ClientFrame unsubscribe =
          ClientFrame.newBuilder()
              .setRef(ref)
              .setUnsubscribe(Unsubscribe.getDefaultInstance())
              .build();
      handler.unsubscribe(unsubscribe);
    }
  }

  /** Begins a reader. A topic may be in one subscription of a client only. */
  public Subscribed subscribe(Subscription what, TcpListener listener) {
    ClientFrame.Builder frame = ClientFrame.newBuilder().setSubscribe(WireRequests.subscribe(what));
    return new Subscribed(handler.subscribe(frame, requireNonNull(listener, "listener")));
  }

  /** Publishes a message. */
  public CompletableFuture<TcpStored> publish(Topic topic, String type, Payload payload) {
    return publish(Append.of(topic, type, payload));
  }

  /**
   * Publishes a message or a tombstone.
   *
   * @return completes when it is as durable as its policy says; fails with a {@link
   *     TcpRefusedException} if it was refused, with an {@link IOException} if nobody knows
   */
  public CompletableFuture<TcpStored> publish(Append message) {
    ClientFrame.Builder frame = ClientFrame.newBuilder().setPublish(WireRequests.publish(message));
    return handler
        .request(frame)
        .thenApply(answer -> new TcpStored(answer.done().getId(), answer.done().getAtMillis()));
  }

  /** Asks once for what follows a place. */
  public CompletableFuture<TcpPage> poll(Poll poll) {
    return handler
        .request(ClientFrame.newBuilder().setPoll(WireRequests.poll(poll)))
        .thenApply(
            answer ->
                new TcpPage(
                    answer.messages(),
                    answer.done().getNext(),
                    answer.done().getMore(),
                    answer.gaps()));
  }

  /** The latest message of a topic; empty if there is none or it was deleted. */
  public CompletableFuture<Optional<TcpMessage>> latest(Topic topic) {
    Latest latest = Latest.newBuilder().setTopic(topic.name()).build();
    return handler
        .request(ClientFrame.newBuilder().setLatest(latest))
        .handle(
            (answer, failure) -> {
              if (failure == null) {
                return answer.messages().stream().findFirst();
              }
              if (failure instanceof TcpRefusedException refused
                  && refused.code().equals("notFound")) {
                return Optional.empty();
              }
              throw failure instanceof RuntimeException unchecked
                  ? unchecked
                  : new java.util.concurrent.CompletionException(failure);
            });
  }

  /** A presence under way: until it is left, or some seconds after the client has ended. */
  public final class Joined {
    private final long ref;

    private Joined(long ref) {
      this.ref = ref;
    }

    /** Leaves; fails with a {@link TcpRefusedException} if that was done already. */
    public CompletableFuture<Void> leave() {
      ClientFrame.Builder frame = ClientFrame.newBuilder().setLeave(Leave.getDefaultInstance());
      return handler.request(ref, frame).thenApply(answer -> null);
    }
  }

  /**
   * Is present at a place: {@code $presence/PLACE/AS/DEVICE} has a message for as long.
   *
   * @param place a topic's name, at most 128 bytes
   * @param as who it is: at most 128 bytes without {@code /}
   * @param device which of several that may be, at most 128 bytes without {@code /}; empty for one
   *     of its own
   * @return completes when others can see it; fails with a {@link TcpRefusedException} if it was
   *     refused
   */
  public CompletableFuture<Joined> join(String place, String as, String device) {
    Join join = Join.newBuilder().setPlace(place).setAs(as).setDevice(device).build();
    return handler
        .request(ClientFrame.newBuilder().setJoin(join))
        .thenApply(answer -> new Joined(answer.ref()));
  }

  /** Moves a consumer up to a place. */
  public CompletableFuture<Void> ack(String consumer, String cursor) {
    Ack ack = Ack.newBuilder().setConsumer(consumer).setCursor(cursor).build();
    return handler.request(ClientFrame.newBuilder().setAck(ack)).thenApply(answer -> null);
  }

  /**
   * Goes on or pauses with reading from the server: while it is paused no listener hears anything
   * and the server waits. For a listener that hands messages on to something slower.
   */
  public void setReading(boolean reading) {
    handler.setReading(reading);
  }

  /** Whether requests reach the network at once, rather than being held in memory. */
  public boolean isWritable() {
    return channel.isWritable();
  }

  /**
   * Completes when the connection has ended, with the reason: what the server said, or how it was
   * lost.
   */
  public CompletableFuture<Throwable> ended() {
    return handler.ended().copy();
  }

  /** How long the server asked to stay away when it said goodbye; null if it did not. */
  public @Nullable Integer retryMillis() {
    return handler.retryMillis();
  }

  /** Closes the connection. */
  @Override
  public void close() {
    handler.fail(new IOException("closed by this client"));
    channel.close();
  }
}
