package io.posthaste.door.tcp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.collection.LongObjectHashMap;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Done;
import io.posthaste.door.tcp.v1.Hello;
import io.posthaste.door.tcp.v1.Pong;
import io.posthaste.door.tcp.v1.ServerFrame;
import io.posthaste.door.tcp.v1.Welcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client's end of a connection. What is not said to be for any thread is its loop's. */
final class TcpClientHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(TcpClientHandler.class);

  /** The largest payload that a policy may allow, and what stands around it. */
  private static final int MAX_FRAME_BYTES = (64 << 20) + (1 << 20);

  private static final int SILENT_HEARTBEATS = 3;

  private final TcpClientOptions options;
  private final FrameSplitter splitter = new FrameSplitter();
  private final LongObjectHashMap<Asked> asked = new LongObjectHashMap<>();
  private final LongObjectHashMap<TcpListener> readers = new LongObjectHashMap<>(2);
  private final CompletableFuture<Welcome> welcomed = new CompletableFuture<>();
  private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
  private final AtomicLong refs = new AtomicLong();
  private volatile @Nullable Integer retryMillis;
  private volatile @Nullable Channel channel;
  private boolean flushes;
  private boolean beating;
  private long lastHeard = System.nanoTime();

  /** What a request was answered, and by which ref. */
  record Answer(long ref, List<TcpMessage> messages, List<TcpGap> gaps, Done done) {}

  /** A request that is not yet answered. */
  private static final class Asked {
    final CompletableFuture<Answer> answer = new CompletableFuture<>();
    final List<TcpMessage> messages = new ArrayList<>(0);
    final List<TcpGap> gaps = new ArrayList<>(0);
  }

  TcpClientHandler(TcpClientOptions options) {
    this.options = options;
  }

  CompletableFuture<Welcome> welcomed() {
    return welcomed;
  }

  CompletableFuture<Throwable> ended() {
    return ended;
  }

  @Nullable Integer retryMillis() {
    return retryMillis;
  }

  // ---- for any thread ----

  /** Sends a request. */
  CompletableFuture<Answer> request(ClientFrame.Builder frame) {
    return request(refs.incrementAndGet(), frame);
  }

  /** Sends a request about what has this ref. */
  CompletableFuture<Answer> request(long ref, ClientFrame.Builder frame) {
    Asked it = new Asked();
    ClientFrame whole = frame.setRef(ref).build();
    onLoop(
        () -> {
          Throwable end = ended.getNow(null);
          if (end != null) {
            it.answer.completeExceptionally(end);
          } else {
            asked.put(ref, it);
            send(whole);
          }
        },
        it.answer);
    return it.answer;
  }

  /** Begins a reader; gives its ref. */
  long subscribe(ClientFrame.Builder frame, TcpListener listener) {
    long ref = refs.incrementAndGet();
    ClientFrame whole = frame.setRef(ref).build();
    CompletableFuture<Answer> refused = new CompletableFuture<>();
    refused.whenComplete((none, failure) -> listener.onEnded(failure));
    onLoop(
        () -> {
          Throwable end = ended.getNow(null);
          if (end != null) {
            listener.onEnded(end);
          } else {
            readers.put(ref, listener);
            send(whole);
          }
        },
        refused);
    return ref;
  }

  void unsubscribe(ClientFrame frame) {
    onLoop(
        () -> {
          if (readers.remove(frame.getRef()) != null) {
            send(frame);
          }
        },
        null);
  }

  void setReading(boolean reading) {
    onLoop(
        () -> {
          Channel to = channel;
          if (to != null) {
            lastHeard = System.nanoTime();
            to.config().setAutoRead(reading);
          }
        },
        null);
  }

  private void onLoop(Runnable task, @Nullable CompletableFuture<Answer> orElse) {
    Channel to = channel;
    try {
      if (to == null || to.eventLoop().inEventLoop()) {
        task.run();
      } else {
        to.eventLoop().execute(task);
      }
    } catch (java.util.concurrent.RejectedExecutionException closed) {
      if (orElse != null) {
        orElse.completeExceptionally(new IOException("the client is closed"));
      }
    }
  }

  /** Ends it for this reason, unless it has ended. */
  void fail(Throwable reason) {
    if (ended.complete(reason)) {
      onLoop(() -> tellAll(reason), null);
    }
  }

  private void tellAll(Throwable reason) {
    welcomed.completeExceptionally(reason);
    List<Asked> requests = List.copyOf(asked.values());
    List<TcpListener> listeners = List.copyOf(readers.values());
    asked.clear();
    readers.clear();
    requests.forEach(each -> each.answer.completeExceptionally(reason));
    for (TcpListener each : listeners) {
      call(() -> each.onEnded(reason));
    }
    Channel to = channel;
    if (to != null) {
      to.close();
    }
  }

  // ---- the loop's ----

  private void send(ClientFrame frame) {
    Channel to = channel;
    if (to == null) {
      return;
    }
    to.write(Frames.encode(to.alloc(), frame), to.voidPromise());
    if (!flushes) {
      flushes = true;
      // What is asked in one go is sent in one go.
      to.eventLoop()
          .execute(
              () -> {
                flushes = false;
                to.flush();
              });
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    channel = context.channel();
    Hello hello =
        Hello.newBuilder()
            .setProtocol(TcpConnection.PROTOCOL)
            .setClient(options.name())
            .setAuthorization(options.authorization())
            .setHeartbeatMillis((int) Math.min(Integer.MAX_VALUE, options.heartbeat().toMillis()))
            .build();
    send(ClientFrame.newBuilder().setHello(hello).build());
    context
        .executor()
        .schedule(
            () -> {
              if (!welcomed.isDone()) {
                fail(new IOException("no welcome within " + options.connectLimit()));
              }
            },
            options.connectLimit().toMillis(),
            TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    lastHeard = System.nanoTime();
    if (ended.isDone()) {
      ((ByteBuf) bytes).release();
      return;
    }
    splitter.add(context.alloc(), (ByteBuf) bytes);
    FrameSplitter.Next next = splitter.next(MAX_FRAME_BYTES);
    while (next == FrameSplitter.Next.FRAME && !ended.isDone()) {
      take(splitter.frame());
      next = splitter.next(MAX_FRAME_BYTES);
    }
    if (next == FrameSplitter.Next.GARBAGE || next == FrameSplitter.Next.TOO_LARGE) {
      fail(new IOException("not a Posthaste TCP server: it sent no frame of posthaste.v1"));
    }
  }

  private void take(ByteBuf bytes) {
    byte[] copy = ByteBufUtil.getBytes(bytes);
    bytes.release();
    ServerFrame frame;
    try {
      frame = ServerFrame.parseFrom(copy);
    } catch (InvalidProtocolBufferException e) {
      fail(new IOException("not a Posthaste TCP server: it sent no frame of posthaste.v1", e));
      return;
    }
    long ref = frame.getRef();
    Asked request = asked.get(ref);
    TcpListener reader = readers.get(ref);
    switch (frame.getKindCase()) {
      case WELCOME -> welcome(frame.getWelcome());
      case MESSAGE -> {
        TcpMessage message = TcpMessage.of(frame.getMessage(), frame.getCursor());
        if (request != null) {
          request.messages.add(message);
        } else if (reader != null) {
          call(() -> reader.onMessage(message));
        }
      }
      case MISSED -> {
        List<TcpGap> gaps = TcpGap.of(frame.getMissed());
        if (request != null) {
          request.gaps.addAll(gaps);
        } else if (reader != null) {
          call(() -> reader.onMissed(gaps));
        }
      }
      case DONE -> {
        Done done = frame.getDone();
        if (request != null) {
          asked.remove(ref);
          request.answer.complete(new Answer(ref, request.messages, request.gaps, done));
        } else if (reader != null) {
          call(() -> reader.onPlace(done.getNext()));
        }
      }
      case ERROR -> {
        TcpRefusedException refused = new TcpRefusedException(frame.getError());
        if (request != null) {
          asked.remove(ref);
          request.answer.completeExceptionally(refused);
        } else if (reader != null) {
          readers.remove(ref);
          call(() -> reader.onEnded(refused));
        }
        if (frame.getError().getClosing()) {
          fail(refused);
        }
      }
      case PING ->
          send(ClientFrame.newBuilder().setRef(ref).setPong(Pong.getDefaultInstance()).build());
      case GOODBYE -> {
        retryMillis = frame.getGoodbye().getRetryMillis();
        fail(new IOException(frame.getGoodbye().getReason()));
      }
      case PONG, KIND_NOT_SET -> {} // heard, or not known to this client
    }
  }

  private void welcome(Welcome welcome) {
    welcomed.complete(welcome);
    if (!beating) {
      beating = true;
      beat(welcome.getHeartbeatMillis());
    }
  }

  private void beat(int heartbeatMillis) {
    Channel to = channel;
    if (to == null || ended.isDone()) {
      return;
    }
    long silentMillis = (System.nanoTime() - lastHeard) / 1_000_000;
    if (to.config().isAutoRead()
        && silentMillis >= (long) SILENT_HEARTBEATS * Math.max(1, heartbeatMillis)) {
      fail(new IOException("nothing came from the server for " + silentMillis + " ms"));
      return;
    }
    to.eventLoop()
        .schedule(() -> beat(heartbeatMillis), Math.max(1, heartbeatMillis), TimeUnit.MILLISECONDS);
  }

  private static void call(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      LOG.error("a listener failed", e);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    splitter.close();
    fail(new IOException("the connection has ended"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(cause instanceof IOException ? cause : new IOException("the connection failed", cause));
    context.close();
  }
}
