package io.posthaste.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;

/** Speaks HTTP/2 to a server frame by frame, rightly or not. Acknowledges settings and pings. */
public final class Http2Client implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  private static final int END_HEADERS = 4;

  /** A frame as it came. */
  public record Frame(int type, int flags, int stream, byte[] payload) {
    /** Whether it ends its stream's sending side. */
    public boolean isLast() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The payload as text. */
    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** Of RST_STREAM, or GOAWAY. */
    public int error() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }
  }

  /** A whole answer. */
  public record Answer(int status, Http2Headers headers, String body) {}

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

  /** Speaks over a connection that is there, and closes it at the end. */
  public Http2Client(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true); // else a frame waits for the one before to be acknowledged
    limit(Duration.ofSeconds(20));
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  /** How long it may take until something comes. */
  public void limit(Duration limit) throws IOException {
    socket.setSoTimeout((int) limit.toMillis());
  }

  /** Begins, with a setting or none: 4 is the window of each stream. */
  public Http2Client hello(int... setting) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(setting.length * 3);
    for (int i = 0; i < setting.length; i += 2) {
      payload.putShort((short) setting[i]).putInt(setting[i + 1]);
    }
    return send(SETTINGS, 0, 0, payload.array());
  }

  /** Sends a frame. */
  public Http2Client send(int type, int flags, int stream, byte... payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    out.write(frame.array());
    return this;
  }

  /** Lets so many bytes more come; stream 0 for all together. */
  public Http2Client grant(int stream, int bytes) throws IOException {
    return send(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
  }

  /** Cancels a stream. */
  public Http2Client reset(int stream) throws IOException {
    return send(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  /** Asks for a path of localhost. */
  public Http2Client get(int stream, String path) throws IOException {
    return request(stream, "GET", path, true);
  }

  /** Makes a request of localhost, or only its head. */
  public Http2Client request(int stream, String method, String path, boolean whole)
      throws IOException {
    Http2Headers headers =
        new DefaultHttp2Headers().method(method).path(path).scheme("http").authority("localhost");
    return request(stream, headers, whole);
  }

  /** Sends the head of a request. */
  public Http2Client request(int stream, Http2Headers headers, boolean whole) throws IOException {
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(stream, headers, block);
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
    return send(
        HEADERS, END_HEADERS | (whole ? END_STREAM : 0), stream, ByteBufUtil.getBytes(block));
  }

  /** The next frame, whatever it is. */
  public Frame frame() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(length);
    if (type == SETTINGS && (flags & ACK) == 0) {
      send(SETTINGS, ACK, 0);
    } else if (type == PING && (flags & ACK) == 0) {
      send(PING, ACK, 0, payload);
    }
    return new Frame(type, flags, stream, payload);
  }

  /** The next frame that is wanted; others are dropped. */
  public Frame next(Predicate<Frame> wanted) throws IOException {
    Frame frame = frame();
    while (!wanted.test(frame)) {
      frame = frame();
    }
    return frame;
  }

  /** The next frame of a type and stream. */
  public Frame next(int type, int stream) throws IOException {
    return next(frame -> frame.type() == type && frame.stream() == stream);
  }

  /** The next head on a stream. */
  public Http2Headers head(int stream) throws IOException {
    try {
      return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(next(HEADERS, stream).payload()));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  /** A whole answer; only one stream at a time may have one. */
  public Answer answer(int stream) throws IOException {
    Frame head = next(HEADERS, stream);
    Http2Headers headers;
    try {
      headers = decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(head.payload()));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean isWhole = head.isLast();
    while (!isWhole) {
      Frame part = next(DATA, stream);
      body.write(part.payload());
      isWhole = part.isLast();
    }
    return new Answer(
        Integer.parseInt(headers.status().toString()),
        headers,
        body.toString(StandardCharsets.UTF_8));
  }

  /** Whether the server closes, whatever it sends before. */
  public boolean isClosed() throws IOException {
    try {
      next(frame -> false);
      return false;
    } catch (EOFException | SocketException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
