package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A path, or all paths under one, and who answers there. {@code HEAD} is answered by the handler of
 * {@code GET}, {@code OPTIONS} by the server.
 *
 * @param path as it is sent, percent-encoded
 * @param isPrefix whether it stands for all paths that begin with it
 * @param handlers by method
 * @param maxBodyBytes the largest body, or WebSocket message; -1 for the server's limit
 * @param isForAnyHost whether the {@code Host} is no matter, as for probes of a load balancer
 * @param isStreamed whether a request is handled once its head is there, its body as it comes
 */
public record Route(
    String path,
    boolean isPrefix,
    Map<String, Handler> handlers,
    int maxBodyBytes,
    boolean isForAnyHost,
    boolean isStreamed) {
  public Route {
    requireNonNull(path, "path");
    handlers = Map.copyOf(handlers);
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("path: " + path + " (expected: to begin with /)");
    }
  }

  /** A route of one path, as yet without handlers. */
  public static Route at(String path) {
    return new Route(path, false, Map.of(), -1, false, false);
  }

  /** A route of all paths that begin so, as yet without handlers. */
  public static Route under(String prefix) {
    return new Route(prefix, true, Map.of(), -1, false, false);
  }

  /** The same with a method more. */
  public Route on(String method, Handler handler) {
    Map<String, Handler> more = new LinkedHashMap<>(handlers);
    more.put(method, handler);
    return new Route(path, isPrefix, more, maxBodyBytes, isForAnyHost, isStreamed);
  }

  /** The same with a body limit of its own, in bytes. */
  public Route maxBody(int bytes) {
    return new Route(path, isPrefix, handlers, bytes, isForAnyHost, isStreamed);
  }

  /** The same for whatever {@code Host}: only where there is nothing to protect. */
  public Route forAnyHost() {
    return new Route(path, isPrefix, handlers, maxBodyBytes, true, isStreamed);
  }

  /**
   * The same for requests that are streams: their handler is called when the head has come, and
   * must say at once, by {@link Exchange#receive}, who is given the body as it comes. Over HTTP/2
   * only; no limit is set to such a body's length or time but by who receives it.
   */
  public Route streamed() {
    return new Route(path, isPrefix, handlers, maxBodyBytes, isForAnyHost, true);
  }

  @Nullable Handler handler(String method) {
    return handlers.get(method.equals("HEAD") ? "GET" : method);
  }

  /** The value of an {@code Allow} header. */
  String allow() {
    TreeSet<String> methods = new TreeSet<>(handlers.keySet());
    methods.add("OPTIONS");
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    return String.join(", ", methods);
  }
}
