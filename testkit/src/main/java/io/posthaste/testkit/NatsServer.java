package io.posthaste.testkit;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One nats-server process of {@link NatsServers}. It may be ended in every way and started again on
 * the same ports with the same files. Not thread-safe.
 */
public final class NatsServer {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final String name;
  private final Path home;
  private final Path configuration;
  private final int port;
  private final int monitorPort;
  private @Nullable Process process;

  NatsServer(String name, Path home, Path configuration, int port, int monitorPort) {
    this.name = name;
    this.home = home;
    this.configuration = configuration;
    this.port = port;
    this.monitorPort = monitorPort;
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill)); // a test run that is cut short
  }

  /** Its name in the cluster: {@code n1} and so on. */
  public String name() {
    return name;
  }

  /** Where clients connect. */
  public String url() {
    return "nats://127.0.0.1:" + port;
  }

  /** The port for clients. */
  public int port() {
    return port;
  }

  /** Its process id; it must be running. */
  public long pid() {
    return running().pid();
  }

  /** Whether the process is there, stopped by {@link #freeze} or not. */
  public boolean isRunning() {
    Process last = process;
    return last != null && last.isAlive();
  }

  /** Starts the process, and does not wait until it is ready; harmless if it runs. */
  public void start() throws IOException {
    if (isRunning()) {
      return;
    }
    process =
        new ProcessBuilder(program(), "-c", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
            .start();
  }

  private static String program() {
    for (String directory : (System.getenv("PATH") + ":/usr/sbin").split(":")) {
      File program = new File(directory, "nats-server");
      if (program.canExecute()) {
        return program.getPath();
      }
    }
    throw new IllegalStateException("no nats-server (expected: apt install nats-server)");
  }

  /** Ends it as an operator would (SIGTERM), and waits for that. */
  public void stop() {
    end(running().toHandle().destroy());
  }

  /** Ends it at once (SIGKILL), and waits for that; harmless if it does not run. */
  public void kill() {
    if (isRunning()) {
      end(running().toHandle().destroyForcibly());
    }
  }

  private void end(boolean asked) {
    try {
      if (!asked || !running().waitFor(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException(name + " would not end" + logTail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Lets it stand still with its connections open (SIGSTOP). */
  public void freeze() throws IOException {
    signal("-STOP");
  }

  /** Lets it go on (SIGCONT). */
  public void thaw() throws IOException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException {
    try {
      int status =
          new ProcessBuilder("kill", signal, Long.toString(pid())).inheritIO().start().waitFor();
      if (status != 0) {
        throw new IOException("kill " + signal + " " + pid() + ": status " + status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Waits until it says that JetStream is healthy. */
  public void awaitReady(Duration within) {
    await(name + " is ready")
        .atMost(within)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              if (!isRunning()) {
                throw new IllegalStateException(name + " has ended" + logTail());
              }
              try {
                return ask("/healthz").statusCode() == 200;
              } catch (IOException notYet) {
                return false;
              }
            });
  }

  /**
   * What its monitoring says under a path, such as {@code /connz?subs=1} or {@code /jsz?streams=1},
   * as JSON.
   */
  public String monitor(String path) throws IOException {
    HttpResponse<String> answer = ask(path);
    if (answer.statusCode() != 200) {
      throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  private HttpResponse<String> ask(String path) throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + monitorPort + path);
    try {
      return HTTP.send(
          HttpRequest.newBuilder(uri).timeout(SHORT).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Process running() {
    Process last = process;
    if (last == null) {
      throw new IllegalStateException(name + " was not started");
    }
    return last;
  }

  private Path logFile() {
    return home.resolve("nats.log");
  }

  private String logTail() {
    try {
      String log = Files.readString(logFile());
      return ": " + log.substring(Math.max(0, log.length() - 2_000));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
