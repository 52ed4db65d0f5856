package io.posthaste.client;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A client's settings. Only {@link #node} must be said; the others are what suits most. To be used
 * by one thread.
 */
public final class PosthasteBuilder {
  private static final Duration MAX_WAIT = Duration.ofSeconds(60);
  private static final int MAX_ABOUT_CHARS = 128;

  final List<URI> nodes = new ArrayList<>();
  List<Technique> techniques =
      List.of(Technique.WEBSOCKET, Technique.SSE, Technique.LONG_POLL, Technique.SHORT_POLL);
  int tcpPort = 7080;
  final Map<String, String> headers = new LinkedHashMap<>();
  @Nullable Supplier<String> token;
  Duration wait = Duration.ofSeconds(25);
  Duration shortPollInterval = Duration.ofSeconds(2);
  Duration requestLimit = Duration.ofSeconds(10);
  Duration answerLimit = Duration.ofSeconds(10);
  Duration silenceLimit = Duration.ofSeconds(75);
  Duration firstBackoff = Duration.ofMillis(250);
  Duration longestBackoff = Duration.ofSeconds(30);
  Duration retryBetter = Duration.ofMinutes(1);
  int maxAnswerBytes = 64 << 20;
  UnaryOperator<HttpClient.Builder> http = UnaryOperator.identity();
  final Map<String, String> about = new LinkedHashMap<>();
  @Nullable Path snapshots;
  @Nullable Path failover;
  Duration failoverCheck = Duration.ofSeconds(1);

  PosthasteBuilder() {}

  /**
   * A server's address, such as {@code http://127.0.0.1:8080}. Several are nodes of one cluster:
   * the client begins with any of them, and goes to another when it must.
   */
  public PosthasteBuilder node(String url) {
    nodes.add(address(url));
    return this;
  }

  private static URI address(String url) {
    IllegalArgumentException none =
        new IllegalArgumentException(
            "address: " + url + " (expected: one such as http://127.0.0.1:8080)");
    URI uri;
    try {
      uri = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    } catch (IllegalArgumentException e) {
      none.initCause(e);
      throw none;
    }
    boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!web
        || uri.getHost() == null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw none;
    }
    return uri;
  }

  /**
   * The techniques that may be used; the best of them that works is. All but {@link Technique#TCP}
   * unless said.
   */
  public PosthasteBuilder techniques(Technique... techniques) {
    if (techniques.length == 0) {
      throw new IllegalArgumentException("techniques: none (expected: at least one)");
    }
    this.techniques = List.copyOf(new TreeSet<>(List.of(techniques)));
    return this;
  }

  /** Where the nodes serve the binary protocol, for {@link Technique#TCP}; 7080 unless said. */
  public PosthasteBuilder tcpPort(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65,535)");
    }
    tcpPort = port;
    return this;
  }

  /** A header of every HTTP request, such as one that says who asks. */
  public PosthasteBuilder header(String name, String value) {
    headers.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
    return this;
  }

  /**
   * Who asks: a key that the server gave, {@code ph_…}. Shown with every request and connection, by
   * all techniques.
   */
  public PosthasteBuilder apiKey(String key) {
    requireNonNull(key, "key");
    return token(() -> key);
  }

  /**
   * Who asks: a key, or a token that expires. Asked for before every request and connection, and so
   * after each time that the server ended a connection because its token had expired; by several
   * threads at once, which wait for it. A {@link RuntimeException} of its own counts as a server
   * that cannot be reached.
   */
  public PosthasteBuilder token(Supplier<String> token) {
    this.token = requireNonNull(token, "token");
    return this;
  }

  /** For how long the server may hold a long poll, 60 s at most; 25 s unless said. */
  public PosthasteBuilder longPollWait(Duration wait) {
    this.wait = positive("wait", wait);
    if (wait.compareTo(MAX_WAIT) > 0) {
      throw new IllegalArgumentException("wait: " + wait + " (expected: at most 60 s)");
    }
    return this;
  }

  /** How often is asked where nothing but short polls is possible; every 2 s unless said. */
  public PosthasteBuilder shortPollInterval(Duration interval) {
    shortPollInterval = positive("interval", interval);
    return this;
  }

  /** For how long a request is tried, on all nodes together; 10 s unless said. */
  public PosthasteBuilder requestLimit(Duration limit) {
    requestLimit = positive("limit", limit);
    return this;
  }

  /**
   * How long a connection, and the first bytes of a stream, may take before a technique counts as
   * blocked; 10 s unless said.
   */
  public PosthasteBuilder answerLimit(Duration limit) {
    answerLimit = positive("limit", limit);
    return this;
  }

  /**
   * After how long without a byte, heartbeats included, a stream counts as dead; 75 s unless said:
   * three of a server's heartbeats.
   */
  public PosthasteBuilder silenceLimit(Duration limit) {
    silenceLimit = positive("limit", limit);
    return this;
  }

  /**
   * The pauses between tries: about the first after one failure, doubling with each, random by half
   * so that many clients do not come together, and never above the longest. 250 ms and 30 s unless
   * said.
   */
  public PosthasteBuilder backoff(Duration first, Duration longest) {
    firstBackoff = positive("first", first);
    longestBackoff = positive("longest", longest);
    if (first.compareTo(longest) > 0) {
      throw new IllegalArgumentException(
          "first, longest: " + first + ", " + longest + " (expected: the first to be shorter)");
    }
    return this;
  }

  /**
   * After how long a better technique that was blocked is tried again, while a worse one goes on; 1
   * minute unless said. Each failure doubles it, up to ten times.
   */
  public PosthasteBuilder retryBetterAfter(Duration pause) {
    retryBetter = positive("pause", pause);
    return this;
  }

  /** How large an answer or message may be; 64 MiB unless said. */
  public PosthasteBuilder maxAnswerBytes(int bytes) {
    if (bytes < 1 << 16) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: at least 65,536)");
    }
    maxAnswerBytes = bytes;
    return this;
  }

  /** Changes how HTTP connections are made: a proxy, TLS's settings, an authenticator. */
  public PosthasteBuilder http(UnaryOperator<HttpClient.Builder> http) {
    this.http = requireNonNull(http, "http");
    return this;
  }

  /** The application's name: shown to the server, for those who want to know who has what. */
  public PosthasteBuilder application(String name) {
    return about("application", name);
  }

  /** Which of the application's instances this is, such as its host's name; shown to the server. */
  public PosthasteBuilder instance(String id) {
    return about("instance", id);
  }

  /** Something else to be known by, such as a zone; shown to the server. */
  public PosthasteBuilder label(String name, String value) {
    if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
      throw new IllegalArgumentException(
          "label: " + name + " (expected: 1 to 64 letters, digits and _ . -)");
    }
    return about("label." + name, value);
  }

  private PosthasteBuilder about(String name, String value) {
    if (value.isEmpty() || value.length() > MAX_ABOUT_CHARS) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: 1 to " + MAX_ABOUT_CHARS + " characters)");
    }
    about.put(name, value);
    return this;
  }

  /**
   * A directory for the last version of each config that was seen, to be used when no server can be
   * reached; made when there is something to keep. None unless said. Several processes may share
   * one if they ask the same servers.
   */
  public PosthasteBuilder snapshots(Path directory) {
    snapshots = requireNonNull(directory, "directory");
    return this;
  }

  /**
   * A directory of the operator's: the file {@code namespace/group/name} in it stands above what
   * servers say of that config, for as long as it is there. Looked at every second. None unless
   * said.
   */
  public PosthasteBuilder failover(Path directory) {
    failover = requireNonNull(directory, "directory");
    return this;
  }

  /**
   * Makes the client. It connects when there is something to do.
   *
   * @throws IllegalStateException if there is no node
   */
  public Posthaste build() {
    if (nodes.isEmpty()) {
      throw new IllegalStateException("nodes: none (expected: at least one)");
    }
    return new Posthaste(new Options(this));
  }

  private static Duration positive(String name, Duration duration) {
    if (duration.toMillis() <= 0) {
      throw new IllegalArgumentException(name + ": " + duration + " (expected: above 0 ms)");
    }
    return duration;
  }
}
