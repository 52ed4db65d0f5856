package io.posthaste.junit;

import io.posthaste.app.PosthasteServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A Posthaste server on a free port of loopback, in the test's own process.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final PosthasteExtension posthaste = PosthasteExtension.inMemory();
 *
 * @Test
 * void hears() {
 *   Posthaste client = Posthaste.at(posthaste.url());
 *   ...
 * }
 * }</pre>
 *
 * <p>In a static field it is one server for all tests of the class, in an instance field one for
 * each test. With {@code @ExtendWith(PosthasteExtension.class)} it is one in memory for the class,
 * given to test methods as a parameter of this type. To be used by one thread at a time.
 */
public final class PosthasteExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver {
  private final boolean onDisk;
  private final Map<String, List<String>> settings = new LinkedHashMap<>();
  private @Nullable PosthasteServer server;
  private @Nullable InetSocketAddress http;
  private @Nullable InetSocketAddress tcp;
  private @Nullable Path directory;
  private int classes;

  private PosthasteExtension(boolean onDisk) {
    this.onDisk = onDisk;
  }

  /** For {@code @ExtendWith}: a server whose messages live in memory. */
  public PosthasteExtension() {
    this(false);
  }

  /** A server whose messages live in memory, and are gone when it stops. */
  public static PosthasteExtension inMemory() {
    return new PosthasteExtension(false);
  }

  /** A server whose messages are kept in a directory of its own, until the tests are over. */
  public static PosthasteExtension onDisk() {
    return new PosthasteExtension(true);
  }

  /**
   * With a setting of {@code ./posthaste serve}, without the dashes: {@code with("keep",
   * "typing/#=memory")}. Said again it is a further value where a setting may have several, and
   * another one elsewhere.
   */
  public PosthasteExtension with(String setting, String value) {
    settings.computeIfAbsent(setting, name -> new ArrayList<>()).add(value);
    return this;
  }

  /** The server's address, such as {@code http://127.0.0.1:45678}. The same after a restart. */
  public String url() {
    InetSocketAddress at = expect(http);
    return "http://" + at.getAddress().getHostAddress() + ":" + at.getPort();
  }

  /** Where it speaks the binary protocol. The same after a restart. */
  public int tcpPort() {
    return expect(tcp).getPort();
  }

  private static InetSocketAddress expect(@Nullable InetSocketAddress address) {
    if (address == null) {
      throw new IllegalStateException("the server was not started yet (expected: within a test)");
    }
    return address;
  }

  /** Starts it, if it does not run; at the same address as before. */
  public void start() {
    if (server != null) {
      return;
    }
    Map<String, List<String>> all = new LinkedHashMap<>(settings);
    all.putIfAbsent("engine", List.of(onDisk ? "embedded" : "memory"));
    all.putIfAbsent("drain", List.of("0s")); // no balancer has to notice
    all.put("http", List.of(http == null ? "127.0.0.1:0" : "127.0.0.1:" + http.getPort()));
    all.put("tcp", List.of(tcp == null ? "127.0.0.1:0" : "127.0.0.1:" + tcp.getPort()));
    all.put("data", List.of(directory().toString()));
    PosthasteServer started = PosthasteServer.start(all);
    server = started;
    http = started.http().orElseThrow();
    tcp = started.tcp().orElseThrow();
  }

  /** Stops it in order, as an operator would, for tests of what an application does without it. */
  public void stop() {
    PosthasteServer running = server;
    server = null;
    if (running != null) {
      running.close();
    }
  }

  /** Stops it and starts it again. Messages are there again if they are kept on disk. */
  public void restart() {
    stop();
    start();
  }

  private Path directory() {
    Path known = directory;
    if (known == null) {
      try {
        known = Files.createTempDirectory("posthaste-");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      directory = known;
    }
    return known;
  }

  private void end() throws IOException {
    stop();
    http = null;
    tcp = null;
    Path used = directory;
    directory = null;
    if (used != null) {
      try (Stream<Path> files = Files.walk(used)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Called by JUnit. */
  @Override
  public void beforeAll(ExtensionContext context) {
    classes++; // nested classes come with one of their own
    start();
  }

  /** Called by JUnit. */
  @Override
  public void beforeEach(ExtensionContext context) {
    start();
  }

  /** Called by JUnit. */
  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (classes == 0) {
      end();
    }
  }

  /** Called by JUnit. */
  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    classes--;
    if (classes == 0) {
      end();
    }
  }

  /** Called by JUnit. */
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == PosthasteExtension.class;
  }

  /** Called by JUnit. */
  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return this;
  }
}
