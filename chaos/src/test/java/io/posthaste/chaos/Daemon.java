package io.posthaste.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program on a host, which can be killed, stopped for a while, and started again. */
final class Daemon implements AutoCloseable {
  private static final int PROBE_MILLIS = 2_000;

  private final Host host;
  private final List<String> command;
  private final URI ready;
  private final Path output;
  private @Nullable Process process;
  private boolean hasBeenReady;

  /**
   * @param ready answers 200 once the program is ready
   * @param output to which is appended what it says
   */
  Daemon(Host host, List<String> command, URI ready, Path output) {
    this.host = host;
    this.command = host.command(command);
    this.ready = ready;
    this.output = output;
  }

  Host host() {
    return host;
  }

  /** Starts it; it is ready some time later. */
  void start() throws IOException {
    hasBeenReady = false;
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
  }

  /**
   * Waits until it is ready. One that ends before it ever was is started again, as by a service
   * manager: it may have found nobody whom it needs.
   */
  void awaitReady(Duration limit) {
    await(host + " ready, see " + output)
        .atMost(limit)
        .until(
            () -> {
              if (!running().isAlive()) {
                assertThat(hasBeenReady).as(host + " died by itself, see " + output).isFalse();
                start();
              }
              return isReady();
            });
    hasBeenReady = true;
  }

  boolean isReady() {
    try {
      HttpURLConnection connection = (HttpURLConnection) ready.toURL().openConnection();
      connection.setConnectTimeout(PROBE_MILLIS);
      connection.setReadTimeout(PROBE_MILLIS);
      try {
        return connection.getResponseCode() == 200;
      } finally {
        connection.disconnect();
      }
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Death without a warning (SIGKILL). */
  void kill() {
    Process running = running();
    running.destroyForcibly();
    running.onExit().join();
  }

  /** Asks it to end (SIGTERM) and waits until it has. */
  void stop(Duration limit) {
    Process running = running();
    running.destroy();
    await(host + " stopped").atMost(limit).until(() -> !running.isAlive());
  }

  /** Has it stand still (SIGSTOP): its sockets stay, and the kernel still accepts for it. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on (SIGCONT). */
  void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    String pid = String.valueOf(running().pid());
    int exit = new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor();
    if (exit != 0) {
      throw new IOException("kill -" + name + " of " + host + " failed");
    }
  }

  private Process running() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException(host + " was not started");
    }
    return running;
  }

  @Override
  public void close() {
    if (process != null) {
      kill();
    }
  }
}
