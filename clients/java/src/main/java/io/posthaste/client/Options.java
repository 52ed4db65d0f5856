package io.posthaste.client;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A client's settings, checked by {@link PosthasteBuilder}. Immutable. */
final class Options {
  final List<URI> nodes;
  final List<Technique> techniques;
  final int tcpPort;
  private final Map<String, String> headers;
  private final @Nullable Supplier<String> token;
  final Duration wait;
  final Duration shortPollInterval;
  final Duration requestLimit;
  final Duration answerLimit;
  final Duration silenceLimit;
  final Duration firstBackoff;
  final Duration longestBackoff;
  final Duration retryBetter;
  final int maxAnswerBytes;
  final UnaryOperator<HttpClient.Builder> http;
  final @Nullable Path snapshots;
  final @Nullable Path failover;
  final Duration failoverCheck;

  Options(PosthasteBuilder from) {
    nodes = List.copyOf(from.nodes);
    techniques = List.copyOf(from.techniques);
    tcpPort = from.tcpPort;
    headers = headers(from);
    token = from.token;
    wait = from.wait;
    shortPollInterval = from.shortPollInterval;
    requestLimit = from.requestLimit;
    answerLimit = from.answerLimit;
    silenceLimit = from.silenceLimit;
    firstBackoff = from.firstBackoff;
    longestBackoff = from.longestBackoff;
    retryBetter = from.retryBetter;
    maxAnswerBytes = from.maxAnswerBytes;
    http = from.http;
    snapshots = from.snapshots;
    failover = from.failover;
    failoverCheck = from.failoverCheck;
  }

  private static Map<String, String> headers(PosthasteBuilder from) {
    Map<String, String> headers = new LinkedHashMap<>(from.headers);
    StringJoiner about = new StringJoiner("&");
    from.about.forEach((name, value) -> about.add(name + '=' + Paths.encode(value)));
    String version = Options.class.getPackage().getImplementationVersion(); // of the jar's manifest
    about.add("client=java" + (version == null ? "" : "%2F" + Paths.encode(version)));
    headers.put("Posthaste-Client", about.toString());
    return Collections.unmodifiableMap(headers);
  }

  /**
   * The headers of a request, with who asks as of now.
   *
   * @throws IOException if that cannot be had
   */
  Map<String, String> headers() throws IOException {
    String authorization = authorization();
    if (authorization.isEmpty()) {
      return headers;
    }
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.keySet().removeIf("Authorization"::equalsIgnoreCase);
    all.put("Authorization", authorization);
    return all;
  }

  /**
   * Who asks, as the header {@code Authorization} has it; empty if nobody in particular.
   *
   * @throws IOException if it cannot be had
   */
  String authorization() throws IOException {
    Supplier<String> asked = token;
    if (asked == null) {
      for (Map.Entry<String, String> header : headers.entrySet()) {
        if (header.getKey().equalsIgnoreCase("Authorization")) {
          return header.getValue();
        }
      }
      return "";
    }
    String said;
    try {
      said = requireNonNull(asked.get(), "token");
    } catch (RuntimeException e) {
      throw new IOException("the token could not be had: " + e, e);
    }
    if (!said.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      // It would end its header line and begin another. What it is stays unsaid: it is a secret.
      throw new IOException(
          "the token has characters that cannot be in one (expected: visible ASCII, no spaces or"
              + " line breaks)");
    }
    return "Bearer " + said;
  }
}
