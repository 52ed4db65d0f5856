package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers with files from the class path: pages and what they need, of the types below only. Each
 * is read once, away from the loops, and kept. Safe for all threads.
 */
public final class Pages {
  private static final Logger LOG = LoggerFactory.getLogger(Pages.class);
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("webp", "image/webp"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("txt", "text/plain; charset=utf-8"));
  private static final String CONTENT_POLICY =
      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

  private final ClassLoader loader;
  private final Executor reader;
  private final String urlPrefix;
  private final String folder;
  private final boolean isForEver;
  private final Map<String, Page> pages = new ConcurrentHashMap<>();

  private record Page(byte[] bytes, String type, String etag) {}

  /**
   * Files of a folder of the class path.
   *
   * @param reader runs the reading of a file
   * @param urlPrefix the paths that they answer to, ending in a slash
   * @param folder where they are, ending in a slash
   * @param isForEver whether the path holds a version, so that a file never changes
   */
  public Pages(
      ClassLoader loader, Executor reader, String urlPrefix, String folder, boolean isForEver) {
    this.loader = requireNonNull(loader, "loader");
    this.reader = requireNonNull(reader, "reader");
    this.urlPrefix = requireNonNull(urlPrefix, "urlPrefix");
    this.folder = requireNonNull(folder, "folder");
    this.isForEver = isForEver;
    if (!urlPrefix.endsWith("/") || !folder.endsWith("/")) {
      throw new IllegalArgumentException(
          "urlPrefix, folder: " + urlPrefix + ", " + folder + " (expected: to end in /)");
    }
  }

  /** The route, to be put into a router. */
  public Route route() {
    return Route.under(urlPrefix).on("GET", this::answer);
  }

  private void answer(Exchange exchange) {
    String path = PercentCoding.decode(exchange.request().rawPath()).substring(urlPrefix.length());
    String name = path.isEmpty() || path.endsWith("/") ? path + "index.html" : path;
    String known = exchange.request().header("If-None-Match");
    Page page = pages.get(name);
    if (page != null) {
      answer(exchange, page, known);
      return;
    }
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    if (type == null || !isPlain(name)) {
      nowhere(exchange);
      return;
    }
    reader.execute(
        () -> {
          Page found = read(name, type);
          exchange
              .shard()
              .loop()
              .execute(
                  () -> {
                    if (found == null) {
                      nowhere(exchange);
                    } else {
                      answer(exchange, found, known);
                    }
                  });
        });
  }

  /** Whether a name stays within its folder, whatever its decoded segments are. */
  private static boolean isPlain(String name) {
    for (String segment : name.split("/", -1)) {
      if (segment.isEmpty() || segment.startsWith(".")) {
        return false;
      }
    }
    return name.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':');
  }

  private @Nullable Page read(String name, String type) {
    try (InputStream in = loader.getResourceAsStream(folder + name)) {
      if (in == null) {
        return null;
      }
      byte[] bytes = in.readAllBytes();
      Page page = new Page(bytes, type, etag(bytes));
      pages.put(name, page);
      return page;
    } catch (IOException e) {
      LOG.error("page not readable name={}", name, e);
      return null;
    }
  }

  private void answer(Exchange exchange, Page page, @Nullable String known) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", page.type());
    headers.put("ETag", page.etag());
    headers.put("Cache-Control", isForEver ? "public, max-age=31536000, immutable" : "no-cache");
    headers.put("Content-Security-Policy", CONTENT_POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("X-Frame-Options", "SAMEORIGIN");
    headers.put("Referrer-Policy", "no-referrer");
    boolean same = known != null && (known.equals("*") || known.contains(page.etag()));
    ByteBuf body = same ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(page.bytes());
    Response response = Response.of(same ? 304 : 200, headers, body);
    exchange.respond(response);
    response.release();
  }

  private static void nowhere(Exchange exchange) {
    Problem.of(404, "page: there is none of this name").answer(exchange);
  }

  private static String etag(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(hash, 0, 12) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a JDK without SHA-256", e);
    }
  }
}
