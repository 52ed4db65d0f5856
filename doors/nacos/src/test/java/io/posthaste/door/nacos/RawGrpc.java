package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.posthaste.door.nacos.wire.Payload;
import io.posthaste.testkit.Http2Client;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;

/** A client that does over gRPC what a test says, rightly or not. */
final class RawGrpc implements AutoCloseable {
  static final int STREAM = 1;

  private final Http2Client client;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
  private final Map<Integer, GrpcFrames> frames = new HashMap<>();
  private final Map<Integer, Queue<GrpcMessage>> messages = new HashMap<>();
  private final Map<Integer, Http2Headers> last = new HashMap<>(); // heads and trailers
  private final Map<Integer, Boolean> ended = new HashMap<>();
  private int lastStream = STREAM;

  RawGrpc(NacosServer server) throws Exception {
    client = new Http2Client(new Socket(server.address.getAddress(), server.address.getPort()));
    client.hello();
    client.limit(Duration.ofSeconds(30));
  }

  /** Opens the stream, and introduces itself. */
  RawGrpc connected() throws Exception {
    open();
    say("ConnectionSetupRequest", json().put("clientVersion", "raw"));
    return this;
  }

  void open() throws Exception {
    client.request(STREAM, head("/BiRequestStream/requestBiStream"), false);
  }

  static ObjectNode json() {
    return Answers.JSON.createObjectNode();
  }

  private static Http2Headers head(String path) {
    return new DefaultHttp2Headers()
        .method("POST")
        .path(path)
        .scheme("http")
        .authority("localhost")
        .add("content-type", "application/grpc")
        .add("te", "trailers");
  }

  static byte[] frame(String type, ObjectNode json) {
    ByteBuf frame = GrpcFrames.encode(ByteBufAllocator.DEFAULT, GrpcMessage.payload(type, json));
    try {
      return ByteBufUtil.getBytes(frame);
    } finally {
      frame.release();
    }
  }

  /** Says something on the stream. */
  void say(String type, ObjectNode json) throws Exception {
    client.send(Http2Client.DATA, 0, STREAM, frame(type, json));
  }

  void acknowledge(GrpcMessage push) throws Exception {
    say(
        "ConfigChangeNotifyResponse",
        json().put("requestId", GrpcMessage.text(push.json(), "requestId")));
  }

  /** Calls, and waits for the answer. */
  GrpcMessage call(String type, ObjectNode json) throws Exception {
    int stream = send(frame(type, json));
    return message(stream);
  }

  /** Begins a call with these bytes. */
  int send(byte[] body, String... headers) throws Exception {
    lastStream += 2;
    Http2Headers head = head("/Request/request");
    for (int i = 0; i < headers.length; i += 2) {
      head.set(headers[i], headers[i + 1]);
    }
    client.request(lastStream, head, false);
    client.send(Http2Client.DATA, Http2Client.END_STREAM, lastStream, body);
    return lastStream;
  }

  /** The next message on a stream. */
  GrpcMessage message(int stream) throws Exception {
    Queue<GrpcMessage> queue = messages.computeIfAbsent(stream, s -> new ArrayDeque<>());
    while (queue.isEmpty()) {
      read();
    }
    return queue.remove();
  }

  /** How a stream ended: the status of its trailers. */
  String status(int stream) throws Exception {
    while (!ended.getOrDefault(stream, false)) {
      read();
    }
    return String.valueOf(head(stream).get("grpc-status"));
  }

  /** The status of HTTP by which a stream was answered. */
  String httpStatus(int stream) throws Exception {
    while (!last.containsKey(stream)) {
      read();
    }
    return String.valueOf(head(stream).status());
  }

  /** What it was headed by last. */
  private Http2Headers head(int stream) {
    return Objects.requireNonNull(last.get(stream));
  }

  private void read() throws Exception {
    Http2Client.Frame frame = client.frame();
    if (frame.type() == Http2Client.HEADERS) {
      last.put(
          frame.stream(),
          decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload())));
    } else if (frame.type() == Http2Client.DATA) {
      Queue<GrpcMessage> queue = messages.computeIfAbsent(frame.stream(), s -> new ArrayDeque<>());
      if (head(frame.stream()).contains("content-type", "application/grpc")) {
        frames
            .computeIfAbsent(frame.stream(), s -> new GrpcFrames(ByteBufAllocator.DEFAULT, 1 << 20))
            .add(
                Unpooled.wrappedBuffer(frame.payload()),
                (Payload payload) -> queue.add(GrpcMessage.of(payload)));
      }
    }
    if (frame.isLast()) {
      ended.put(frame.stream(), true);
    }
  }

  @Override
  public void close() throws Exception {
    client.close();
    frames.values().forEach(GrpcFrames::release);
  }
}
