package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The command line as a process of its own. */
final class Child implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers;

  private Child(Process process) {
    this.process = process;
    this.readers =
        List.of(gather(process.getInputStream(), out), gather(process.getErrorStream(), err));
  }

  /** Runs {@code posthaste} with these arguments. */
  static Child start(Map<String, String> environment, Path directory, List<String> arguments) {
    // Tests that were begun in the background have SIGINT ignored, which their children inherit.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.posthaste.app.Posthaste");
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("POSTHASTE_"));
    builder.environment().putAll(environment);
    try {
      return new Child(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Child start(Path directory, String... arguments) {
    return start(Map.of(), directory, List.of(arguments));
  }

  /** A server on a free port, ready, with its data in the directory. */
  static Child serve(Path directory, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("serve", "--http", "127.0.0.1:0", "--tcp", "127.0.0.1:0"));
    arguments.addAll(List.of(more));
    Child child = start(Map.of(), directory, arguments);
    child.awaitLine("ready http=");
    return child;
  }

  private static Thread gather(InputStream stream, List<String> lines) {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                  lines.add(line);
                }
              } catch (IOException e) {
                lines.add("(unreadable: " + e + ")");
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** The first line of the output that begins so, when it has come. */
  String awaitLine(String prefix) {
    await()
        .atMost(PATIENCE)
        .until(() -> !process.isAlive() || out.stream().anyMatch(line -> line.startsWith(prefix)));
    return out.stream()
        .filter(line -> line.startsWith(prefix))
        .findFirst()
        .orElseThrow(() -> new AssertionError("ended without \"" + prefix + "\": " + out + err));
  }

  /** Where a ready server is. */
  String url() {
    return "http://" + awaitLine("ready http=").replaceFirst("ready http=([^ ]+) .*", "$1");
  }

  /** Where a ready server is, as subscribers by this technique name it. */
  String url(Technique technique) {
    return technique == Technique.TCP
        ? "tcp://" + awaitLine("ready http=").replaceFirst(".* tcp=([^ ]+) .*", "$1")
        : url();
  }

  List<String> out() {
    return out;
  }

  List<String> err() {
    return err;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void type(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  void endOfInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Sends a signal, as in {@code TERM}. */
  void signal(String name) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor())
        .isZero();
  }

  /** Its exit code; all its output has been gathered then. */
  int awaitExit(Duration limit) throws InterruptedException {
    assertThat(process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
        .as("ended within %s; out %s, err %s", limit, out, err)
        .isTrue();
    for (Thread reader : readers) {
      reader.join(PATIENCE.toMillis());
    }
    return process.exitValue();
  }

  int awaitExit() throws InterruptedException {
    return awaitExit(PATIENCE);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
