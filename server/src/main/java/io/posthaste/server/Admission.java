package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides, by a request's head alone, whether and by whom it is answered. */
final class Admission {
  private static final String PREFLIGHT_HEADERS =
      "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID,"
          + " Posthaste-Client, Prefer";

  /** Methods that change nothing (RFC 9110, 9.2.1). */
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  private static final Set<String> EMBEDDED =
      Set.of("iframe", "frame", "embed", "object", "fencedframe");

  private final AllowedSites sites;
  private final Router router;

  Admission(AllowedSites sites, Router router) {
    this.sites = requireNonNull(sites, "sites");
    this.router = requireNonNull(router, "router");
  }

  /**
   * Where a request belongs.
   *
   * @throws Refusal if it belongs nowhere or its host is not ours
   */
  Route route(ReceivedRequest request, @Nullable InetSocketAddress local) {
    Route route = router.find(request.rawPath());
    boolean anyHost = route != null && route.isForAnyHost();
    if (!anyHost && !sites.allowsHost(request.host(), local)) {
      throw new Refusal(
          421,
          "Host: "
              + shown(request.host())
              + " is not served here (expected: localhost, the server's address, or a name that it"
              + " was told to allow)");
    }
    if (route == null && !request.rawPath().equals("*")) {
      throw new Refusal(404, "path: " + shown(request.rawPath()) + " leads nowhere");
    }
    return route == null ? Route.at("/") : route;
  }

  /**
   * Checks where the page that asks is from.
   *
   * @throws Refusal if it may not ask
   */
  void checkOrigin(ReceivedRequest request) {
    String origin = request.header("Origin");
    if (origin != null) {
      if (!sites.allowsOrigin(origin, request.host())) {
        throw new Refusal(
            403,
            "Origin: "
                + shown(origin)
                + " may not use this server (expected: its own pages, or an"
                + " origin that it was told to allow)");
      }
    } else if (isForeign(request)) {
      throw new Refusal(
          403,
          "Sec-Fetch-Site: "
              + shown(String.valueOf(request.header("Sec-Fetch-Site")))
              + " without Origin (expected: a request made with CORS)");
    }
  }

  /**
   * Whether another site's page makes a browser ask, in a way that tells no origin: for the browser
   * might add what it knows of its user, such as a password that was typed once. Nothing may be
   * changed so, and nothing be loaded into that page, as a picture, a script or a frame. To follow
   * a link to here is no harm.
   */
  private static boolean isForeign(ReceivedRequest request) {
    String site = request.header("Sec-Fetch-Site");
    if (site == null || site.equals("same-origin") || site.equals("none")) {
      return false;
    }
    if (!SAFE.contains(request.method())) {
      return true;
    }
    String dest = request.header("Sec-Fetch-Dest");
    return site.equals("cross-site")
        && ("no-cors".equals(request.header("Sec-Fetch-Mode"))
            || dest != null && EMBEDDED.contains(dest));
  }

  /**
   * Checks whether a request's method is known where it belongs.
   *
   * @throws Refusal if it is not
   */
  static void checkMethod(ReceivedRequest request, Route route) {
    if (route.handler(request.method()) == null) {
      throw new Refusal(
          Problem.of(
                  405,
                  "method: "
                      + request.method()
                      + " is not known here (expected: "
                      + route.allow()
                      + ")")
              .with("Allow", route.allow()));
    }
  }

  /** The header lines that let an allowed page of another origin read the answer. */
  String corsHeaders(ReceivedRequest request) {
    if (!sites.mindsOrigin()) {
      return "";
    }
    String origin = request.header("Origin");
    if (origin == null || !sites.allowsAcross(origin)) {
      return "Vary: Origin\r\n";
    }
    return "Vary: Origin\r\nAccess-Control-Allow-Origin: "
        + origin
        + "\r\nAccess-Control-Expose-Headers: ETag, Retry-After\r\n";
  }

  /** The answer to {@code OPTIONS}, a preflight or not. The caller owns it. */
  Response options(ReceivedRequest request, Route route) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Allow", route.allow());
    String origin = request.header("Origin");
    if (origin != null
        && request.header("Access-Control-Request-Method") != null
        && sites.allowsAcross(origin)) {
      headers.put("Access-Control-Allow-Methods", route.allow());
      headers.put("Access-Control-Allow-Headers", PREFLIGHT_HEADERS);
      headers.put("Access-Control-Max-Age", "600");
    }
    return Response.of(204, headers, Unpooled.EMPTY_BUFFER);
  }

  private static String shown(String value) {
    return value.length() <= 80 ? value : value.substring(0, 80) + "…";
  }
}
