package io.posthaste.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A client's settings, checked by {@link PosthasteBuilder}. Immutable. */
final class Options {
  final List<URI> nodes;
  final List<Technique> techniques;
  final int tcpPort;
  final Map<String, String> headers;
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

  Options(PosthasteBuilder from) {
    nodes = List.copyOf(from.nodes);
    techniques = List.copyOf(from.techniques);
    tcpPort = from.tcpPort;
    headers = Map.copyOf(from.headers);
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
  }
}
