package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A server in a process of its own, which can be killed and started again on the same port and
 * data.
 */
final class ServerProcess implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);

  private final int port = freePort();
  private final int tcpPort = freePort();
  private final Path directory;
  private final List<String> jvmFlags;
  private final List<String> options;
  private String host = "127.0.0.1";
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Process process;

  ServerProcess(Path directory, List<String> jvmFlags, String... options) {
    this.directory = directory;
    this.jvmFlags = jvmFlags;
    this.options = new ArrayList<>(List.of(options));
  }

  /** Has it listen on all addresses of the machine. */
  ServerProcess onAllAddresses() {
    host = "0.0.0.0";
    options.add("--insecure");
    return this;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError("no free port", e);
    }
  }

  ServerProcess start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "io.posthaste.app.Posthaste",
            "serve",
            "--http",
            host + ":" + port,
            "--tcp",
            host + ":" + tcpPort,
            "--data",
            directory.resolve("data").toString()));
    command.addAll(options);
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
            .start();
    process = started;
    Awaitility.await("ready: " + output())
        .atMost(READY_LIMIT)
        .until(() -> !started.isAlive() || isReady());
    assertThat(started.isAlive()).as(said()).isTrue();
    return this;
  }

  private Path output() {
    return directory.resolve("output.txt");
  }

  /** What the process has said on both its streams. */
  String said() throws IOException {
    return Files.exists(output()) ? Files.readString(output()) : "";
  }

  private boolean isReady() {
    try {
      return client.send(request("/readyz").build(), BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Death without a warning. */
  void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      running.onExit().join();
    }
  }

  /** Asks it to end; its exit status. */
  int stop() throws InterruptedException {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    running.destroy();
    assertThat(running.waitFor(5, TimeUnit.SECONDS)).as("ended within 5 s").isTrue();
    return running.exitValue();
  }

  InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  InetSocketAddress tcpAddress() {
    return new InetSocketAddress("127.0.0.1", tcpPort);
  }

  HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
        .timeout(Duration.ofSeconds(30));
  }

  HttpClient client() {
    return client;
  }

  /** Publishes lines of ndjson; every line must be stored. */
  void batch(String lines, int count) throws IOException, InterruptedException {
    var request = request("/v1/batch").POST(BodyPublishers.ofString(lines)).build();
    var answer = client.send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body().lines().filter(line -> line.contains("\"id\":")).count())
        .isEqualTo(count);
  }

  /** The value of a metric, with its labels or the sum over all of them; 0 if it is not there. */
  double metric(String name) throws IOException, InterruptedException {
    String all = client.send(request("/metrics").build(), BodyHandlers.ofString()).body();
    return all.lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** How many bytes of its heap are in use once it has collected its garbage. */
  long usedHeap() throws IOException, InterruptedException {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    Process collecting =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(running.pid()),
                "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(collecting.waitFor(60, TimeUnit.SECONDS)).as("jcmd ended").isTrue();
    assertThat(collecting.exitValue()).as("jcmd").isZero();
    return (long) metric("posthaste_heap_bytes");
  }

  @Override
  public void close() {
    kill();
  }
}
