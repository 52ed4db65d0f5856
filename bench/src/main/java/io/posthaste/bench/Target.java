package io.posthaste.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A server's wire as the load tool needs to know it: where it is, how a reader of each technique
 * subscribes, and how to publish. Only loopback is accepted, so that no load ever leaves the
 * machine.
 *
 * @param name what results call it
 * @param address a loopback address
 * @param readers where readers connect, in turn; one address unless it is a cluster
 * @param openings how each technique that the server knows is asked for
 * @param publish the whole head of a publishing request without {@code Content-Length} and blank
 *     line, as a template
 */
public record Target(
    String name,
    InetSocketAddress address,
    List<InetSocketAddress> readers,
    Map<Technique, Opening> openings,
    String publish) {

  /** Copies what may change; refuses what is not loopback. */
  public Target {
    readers = List.copyOf(readers);
    requireLoopback(address);
    readers.forEach(Target::requireLoopback);
    openings = Map.copyOf(openings);
  }

  /** One server, for readers and publishers. */
  public Target(
      String name, InetSocketAddress address, Map<Technique, Opening> openings, String publish) {
    this(name, address, List.of(address), openings, publish);
  }

  private static void requireLoopback(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    if (host == null || !host.isLoopbackAddress()) {
      throw new IllegalArgumentException("target: " + address + " (expected: a loopback address)");
    }
  }

  /** The same with readers spread over these addresses in turn. */
  Target withReaders(List<InetSocketAddress> addresses) {
    return new Target(name, address, addresses, openings, publish);
  }

  /** Where a reader's connection goes. */
  InetSocketAddress ofReader(int connection) {
    return readers.get(connection % readers.size());
  }

  /** Posthaste's native door. */
  public static Target posthaste(String host, int port) {
    String updates = "/v1/updates?topic=bench/{run}/{topic}";
    String at = host + ":" + port;
    Map<Technique, Opening> openings = new EnumMap<>(Technique.class);
    String events = "Accept: text/event-stream";
    openings.put(
        Technique.SSE,
        new Opening(
            request("GET", updates, at, events),
            request("GET", updates, at, events, "Last-Event-ID: {cursor0}"),
            List.of(new CursorSource.Body("id: ", '\n')),
            true,
            null,
            null));
    openings.put(
        Technique.NDJSON,
        Opening.stream(request("GET", updates, at, "Accept: application/x-ndjson")));
    openings.put(
        Technique.WEBSOCKET,
        Opening.stream(webSocket(updates, at, "Sec-WebSocket-Protocol: posthaste.v1.json")));
    openings.put(
        Technique.LONG_POLL,
        new Opening(
            request("GET", updates, at),
            request("GET", updates + "&wait=60&after={cursor0}", at),
            List.of(new CursorSource.Body("\"next\":\"", '"')),
            false,
            null,
            null));
    String publish = head("POST", "/v1/topics/bench/{run}/{topic}", at, "Content-Type: text/plain");
    return new Target("posthaste", address(host, port), openings, publish);
  }

  /**
   * Posthaste with many subscriptions on each WebSocket; other techniques as {@link #posthaste}.
   */
  public static Target posthasteSubscriptions(String host, int port) {
    Target plain = posthaste(host, port);
    Map<Technique, Opening> openings = new EnumMap<>(plain.openings);
    openings.put(
        Technique.WEBSOCKET,
        new Opening(
            webSocket(
                "/v1/updates", host + ":" + port, "Sec-WebSocket-Protocol: posthaste.v1.json"),
            null,
            List.of(),
            true,
            "{\"op\":\"subscribe\",\"topic\":\"bench/{run}/{topic}\",\"ref\":{ref}}",
            "\"op\":\"done\""));
    return new Target(plain.name, plain.address, openings, plain.publish);
  }

  /** nginx with Nchan, set up as {@code bench/peers/nchan.sh} does. */
  public static Target nchan(String host, int port) {
    String subscribe = "/sub/{run}_{topic}";
    String at = host + ":" + port;
    Map<Technique, Opening> openings = new EnumMap<>(Technique.class);
    openings.put(
        Technique.SSE, Opening.stream(request("GET", subscribe, at, "Accept: text/event-stream")));
    openings.put(Technique.WEBSOCKET, Opening.stream(webSocket(subscribe, at)));
    openings.put(
        Technique.LONG_POLL,
        new Opening(
            request("GET", subscribe, at),
            request(
                "GET", subscribe, at, "If-Modified-Since: {cursor0}", "If-None-Match: {cursor1}"),
            List.of(new CursorSource.Header("last-modified"), new CursorSource.Header("etag")),
            true,
            null,
            null));
    String publish = head("POST", "/pub/{run}_{topic}", at, "Content-Type: text/plain");
    return new Target("nchan", address(host, port), openings, publish);
  }

  /** The same target with one technique asked for differently. */
  public Target with(Technique technique, Opening opening) {
    Map<Technique, Opening> changed = new EnumMap<>(Technique.class);
    changed.putAll(openings);
    changed.put(technique, opening);
    return new Target(name, address, changed, publish);
  }

  /** The same target with a header in every request. */
  Target withHeader(String header) {
    Map<Technique, Opening> changed = new EnumMap<>(Technique.class);
    openings.forEach((technique, opening) -> changed.put(technique, opening.withHeader(header)));
    return new Target(name, address, readers, changed, Opening.withHeader(publish, header));
  }

  Opening opening(Technique technique) {
    Opening opening = openings.get(technique);
    if (opening == null) {
      throw new IllegalArgumentException(
          "technique: "
              + technique
              + " (expected: one that "
              + name
              + " has: "
              + openings.keySet()
              + ")");
    }
    return opening;
  }

  static String request(String method, String path, String host, String... headers) {
    return head(method, path, host, headers) + "\r\n";
  }

  static String head(String method, String path, String host, String... headers) {
    StringBuilder head =
        new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.toString();
  }

  static String webSocket(String path, String host, String... headers) {
    return head("GET", path, host, headers)
        + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: cG9zdGhhc3RlLWJlbmNoLg==\r\n\r\n";
  }

  private static InetSocketAddress address(String host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("host: " + host + " (expected: a loopback address)", e);
    }
  }
}
