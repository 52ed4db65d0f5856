package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer: status, headers, body. Reference counted, so that one can answer many exchanges;
 * what HTTP/1.1 sends for it is encoded once and kept. To be used by one thread at a time.
 */
public final class Response extends AbstractReferenceCounted {
  private final int status;
  private final Map<String, String> headers;
  private final ByteBuf body;
  private final Map<String, String> trailers;
  private @Nullable ByteBuf encoded;
  private long encodedSecond;

  private Response(
      int status, Map<String, String> headers, ByteBuf body, Map<String, String> trailers) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.trailers = trailers;
  }

  /**
   * An answer. The server adds {@code Date}, {@code Content-Length}, {@code Connection} and what
   * CORS needs; for 204 and 304 no body is sent.
   *
   * @param headers names in their usual spelling; not to be changed afterwards
   * @param body taken over: released with the response
   */
  public static Response of(int status, Map<String, String> headers, ByteBuf body) {
    return of(status, headers, body, Map.of());
  }

  /**
   * An answer with trailers (RFC 9110, 6.5), which HTTP/2 alone is sent.
   *
   * @param headers names in their usual spelling; not to be changed afterwards
   * @param body taken over: released with the response
   * @param trailers as the headers
   */
  public static Response of(
      int status, Map<String, String> headers, ByteBuf body, Map<String, String> trailers) {
    return new Response(
        status,
        requireNonNull(headers, "headers"),
        requireNonNull(body, "body"),
        requireNonNull(trailers, "trailers"));
  }

  /** An answer without a body. */
  public static Response of(int status, Map<String, String> headers) {
    return of(status, headers, Unpooled.EMPTY_BUFFER);
  }

  /** The status code. */
  public int status() {
    return status;
  }

  /** The headers. */
  public Map<String, String> headers() {
    return headers;
  }

  /** What follows the body; usually nothing. */
  public Map<String, String> trailers() {
    return trailers;
  }

  /** The body. Borrowed; duplicate before reading. */
  public ByteBuf body() {
    return body;
  }

  /**
   * What HTTP/1.1 sends to a client that keeps the connection: head and body in one direct buffer,
   * encoded anew only when the {@code Date} in it has passed. Borrowed.
   */
  ByteBuf http1(Loop loop) {
    long second = Loop.second();
    ByteBuf bytes = encoded;
    if (bytes != null && encodedSecond == second) {
      return bytes;
    }
    if (bytes != null) {
      bytes.release();
      encoded = null;
    }
    int length = Status.isBodiless(status) ? 0 : body.readableBytes();
    ByteBuf fresh = loop.alloc().directBuffer(headSize() + length);
    try {
      writeHead(fresh, loop.date(second), Framing.LENGTH, "");
      fresh.writeBytes(body, body.readerIndex(), length);
    } catch (RuntimeException e) {
      fresh.release();
      throw e;
    }
    encoded = fresh;
    encodedSecond = second;
    return fresh;
  }

  /** How the end of an answer's body is told. */
  enum Framing {
    LENGTH,
    CHUNKED,
    CLOSE
  }

  /** About how long the head will be. */
  int headSize() {
    int size = 160;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      size += header.getKey().length() + header.getValue().length() * 3 + 4;
    }
    return size;
  }

  /**
   * Writes status line and headers (RFC 9112, 2.1).
   *
   * @param more further header lines, each with its CRLF
   * @throws IllegalArgumentException if a header holds a control character
   */
  void writeHead(ByteBuf out, String date, Framing framing, String more) {
    ascii(out, "HTTP/1.1 " + status + " " + Status.reason(status) + "\r\nDate: " + date + "\r\n");
    for (Map.Entry<String, String> header : headers.entrySet()) {
      writeHeader(out, header.getKey(), header.getValue());
    }
    if (framing == Framing.CHUNKED) {
      ascii(out, "Transfer-Encoding: chunked\r\n");
    } else if (framing == Framing.LENGTH && !Status.isBodiless(status)) {
      ascii(out, "Content-Length: " + body.readableBytes() + "\r\n");
    }
    ascii(out, more);
    out.writeShort(0x0d0a);
  }

  private static void writeHeader(ByteBuf out, String name, String value) {
    checkValue(name, value);
    ascii(out, name);
    out.writeShort(0x3a20);
    ByteBufUtil.writeUtf8(out, value);
    out.writeShort(0x0d0a);
  }

  /** Throws an IllegalArgumentException if a header's value holds a control character. */
  static void checkValue(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7f) {
        throw new IllegalArgumentException(
            "header " + name + ": control character at " + i + " of its value");
      }
    }
  }

  private static void ascii(ByteBuf out, String text) {
    ByteBufUtil.writeAscii(out, text);
  }

  @Override
  public Response retain() {
    super.retain();
    return this;
  }

  @Override
  public ReferenceCounted touch(Object hint) {
    body.touch(hint);
    return this;
  }

  @Override
  protected void deallocate() {
    body.release();
    if (encoded != null) {
      encoded.release();
    }
  }
}
