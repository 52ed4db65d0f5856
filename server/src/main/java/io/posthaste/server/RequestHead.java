package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request says. Immutable but for what is made of it when it is first asked for,
 * so that requests with equal heads can share one. To be used by its loop's thread only.
 */
final class RequestHead {
  final String method;
  final String rawPath;
  final String rawQuery;
  final int minorVersion; // 0 or 1
  final String host; // the authority that is asked for; empty if none, as HTTP/1.0 allows
  final boolean isKeepAlive;
  private final String[] headers; // name, value, name, value …
  private @Nullable Map<String, List<String>> query;
  private @Nullable Function<Request, ?> reading;
  private @Nullable Object understood;

  RequestHead(
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
    this.isKeepAlive = wantsMore();
  }

  /** Whether the client wants to send further requests on the connection (RFC 9112, 9.3). */
  private boolean wantsMore() {
    String wish = String.join(",", headers("Connection")).toLowerCase(Locale.ROOT);
    List<String> tokens = new ArrayList<>();
    for (String token : wish.split(",")) {
      tokens.add(token.strip());
    }
    return minorVersion == 1 ? !tokens.contains("close") : tokens.contains("keep-alive");
  }

  Map<String, List<String>> query() {
    Map<String, List<String>> decoded = query;
    if (decoded == null) {
      query = decoded = PercentCoding.decodeQuery(rawQuery);
    }
    return decoded;
  }

  @Nullable String header(String name) {
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i].equalsIgnoreCase(name)) {
        return headers[i + 1];
      }
    }
    return null;
  }

  List<String> headers(String name) {
    List<String> values = new ArrayList<>(2);
    for (int i = 0; i < headers.length; i += 2) {
      if (headers[i].equalsIgnoreCase(name)) {
        values.add(headers[i + 1]);
      }
    }
    return values;
  }

  /** What a reading makes of the head; kept for the same reading of the next request like it. */
  @SuppressWarnings("unchecked") // what is kept was made by the same reading
  <T> T understood(Request request, Function<Request, T> reading) {
    if (this.reading != reading) {
      understood = reading.apply(request);
      this.reading = reading;
    }
    return (T) requireNonNull(understood);
  }
}
