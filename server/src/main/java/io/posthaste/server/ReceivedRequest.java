package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request as it came, by whatever version of HTTP. Owns its body. */
final class ReceivedRequest implements Request {
  private final RequestHead head;
  private @Nullable Route route;
  private ByteBuf body = Unpooled.EMPTY_BUFFER;

  ReceivedRequest(RequestHead head) {
    this.head = head;
  }

  @Override
  public String method() {
    return head.method;
  }

  @Override
  public String rawPath() {
    return head.rawPath;
  }

  @Override
  public String rawQuery() {
    return head.rawQuery;
  }

  /** 0 or 1. */
  int minorVersion() {
    return head.minorVersion;
  }

  /** The authority that is asked for. */
  String host() {
    return head.host;
  }

  @Override
  public Map<String, List<String>> query() {
    return head.query();
  }

  @Override
  public @Nullable String header(String name) {
    return head.header(name);
  }

  @Override
  public List<String> headers(String name) {
    return head.headers(name);
  }

  @Override
  public <T> T understood(Function<Request, T> reading) {
    return head.understood(this, reading);
  }

  @Override
  public ByteBuf body() {
    return body;
  }

  /** Where it belongs, once that is known. */
  Route route() {
    return requireNonNull(route);
  }

  void route(Route route) {
    this.route = route;
  }

  /** Takes the body over. */
  void body(ByteBuf body) {
    this.body = body;
  }

  /** Whether the client wants to send further requests on the connection. */
  boolean isKeepAlive() {
    return head.isKeepAlive;
  }

  void release() {
    body.release();
    body = Unpooled.EMPTY_BUFFER;
  }
}
