package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as HTTP/1.1 brought it. Owns its body. */
final class Http1Request implements Request {
  private final String method;
  private final String rawPath;
  private final String rawQuery;
  private final int minorVersion;
  private final String host; // empty if there was none, as HTTP/1.0 allows
  private final String[] headers; // name, value, name, value …
  private @Nullable Map<String, List<String>> query;
  private @Nullable Route route;
  private ByteBuf body = Unpooled.EMPTY_BUFFER;

  Http1Request(
      String method,
      String rawPath,
      String rawQuery,
      int minorVersion,
      String host,
      String[] headers) {
    this.method = method;
    this.rawPath = rawPath;
    this.rawQuery = rawQuery;
    this.minorVersion = minorVersion;
    this.host = host;
    this.headers = headers;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String rawPath() {
    return rawPath;
  }

  /** 0 or 1. */
  int minorVersion() {
    return minorVersion;
  }

  /** The authority that is asked for. */
  String host() {
    return host;
  }

  @Override
  public Map<String, List<String>> query() {
    Map<String, List<String>> decoded = query;
    if (decoded == null) {
      query = decoded = PercentCoding.decodeQuery(rawQuery);
    }
    return decoded;
  }

  @Override
  public @Nullable String header(String name) {
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i].equalsIgnoreCase(name)) {
        return headers[i + 1];
      }
    }
    return null;
  }

  @Override
  public List<String> headers(String name) {
    List<String> values = new ArrayList<>(2);
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i].equalsIgnoreCase(name)) {
        values.add(headers[i + 1]);
      }
    }
    return values;
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

  /** Whether the client wants to send further requests on the connection (RFC 9112, 9.3). */
  boolean isKeepAlive() {
    if (header("Connection") == null) {
      return minorVersion == 1;
    }
    return minorVersion == 1
        ? !hasToken("Connection", "close")
        : hasToken("Connection", "keep-alive");
  }

  void release() {
    body.release();
    body = Unpooled.EMPTY_BUFFER;
  }
}
