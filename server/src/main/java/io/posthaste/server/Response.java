package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.Map;

/**
 * A whole answer: status, headers, body. Immutable and reference counted, so that one can answer
 * many exchanges; what HTTP/1.1 sends for it is encoded once and kept.
 */
public final class Response extends AbstractReferenceCounted {
  private final int status;
  private final Map<String, String> headers;
  private final ByteBuf body;

  private Response(int status, Map<String, String> headers, ByteBuf body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /**
   * An answer. The server adds {@code Content-Length}, {@code Connection} and what CORS needs; for
   * 204 and 304 no body is sent.
   *
   * @param headers names in their usual spelling; not to be changed afterwards
   * @param body taken over: released with the response
   */
  public static Response of(int status, Map<String, String> headers, ByteBuf body) {
    return new Response(status, headers, body);
  }

  /** The status code. */
  public int status() {
    return status;
  }

  /** The headers. */
  public Map<String, String> headers() {
    return headers;
  }

  /** The body. Borrowed; duplicate before reading. */
  public ByteBuf body() {
    return body;
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
  }
}
