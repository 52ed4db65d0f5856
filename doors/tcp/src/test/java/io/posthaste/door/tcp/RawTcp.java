package io.posthaste.door.tcp;

import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Hello;
import io.posthaste.door.tcp.v1.Publish;
import io.posthaste.door.tcp.v1.ServerFrame;
import io.posthaste.door.tcp.v1.Subscribe;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

/** A client of bare sockets: it sends what a test wants, and reads only when asked. */
final class RawTcp implements AutoCloseable {
  final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  RawTcp(InetSocketAddress server) throws IOException {
    this(server, 0);
  }

  RawTcp(InetSocketAddress server, int receiveBuffer) throws IOException {
    socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setTcpNoDelay(true);
    socket.connect(server, 10_000);
    socket.setSoTimeout(20_000);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  static byte[] bytes(ClientFrame... frames) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      for (ClientFrame frame : frames) {
        frame.writeDelimitedTo(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static ClientFrame hello() {
    return hello(0);
  }

  static ClientFrame hello(int heartbeatMillis) {
    return ClientFrame.newBuilder()
        .setHello(
            Hello.newBuilder()
                .setProtocol("posthaste.v1")
                .setClient("test")
                .setHeartbeatMillis(heartbeatMillis))
        .build();
  }

  static ClientFrame subscribe(long ref, String after, String... topics) {
    Subscribe.Builder subscribe = Subscribe.newBuilder().addAllTopics(List.of(topics));
    if (!after.isEmpty()) {
      subscribe.setAfter(after);
    }
    return ClientFrame.newBuilder().setRef(ref).setSubscribe(subscribe).build();
  }

  static ClientFrame publish(long ref, String topic, String text) {
    return ClientFrame.newBuilder()
        .setRef(ref)
        .setPublish(
            Publish.newBuilder()
                .setTopic(topic)
                .setType("text/plain")
                .setPayload(com.google.protobuf.ByteString.copyFromUtf8(text)))
        .build();
  }

  RawTcp send(ClientFrame... frames) throws IOException {
    return send(bytes(frames));
  }

  RawTcp send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** The next frame that is no Ping; pings are answered. */
  ServerFrame next() throws IOException {
    ServerFrame frame = read();
    while (frame != null && frame.hasPing()) {
      pong();
      frame = read();
    }
    if (frame == null) {
      throw new IOException("ended");
    }
    return frame;
  }

  void pong() throws IOException {
    send(
        ClientFrame.newBuilder()
            .setPong(io.posthaste.door.tcp.v1.Pong.getDefaultInstance())
            .build());
  }

  /** The next frame whatever it is; null at the end. */
  ServerFrame read() throws IOException {
    return ServerFrame.parseDelimitedFrom(in);
  }

  /** All bytes up to the end. */
  byte[] readAll() throws IOException {
    return in.readAllBytes();
  }

  /** Says Hello and takes the Welcome. */
  RawTcp greet() throws IOException {
    send(hello());
    if (!next().hasWelcome()) {
      throw new IOException("not welcome");
    }
    return this;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
