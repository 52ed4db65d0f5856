package io.posthaste.door.apollo;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Apollo's official client, unmodified, in a process of its own. */
final class Client implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Process process;
  private final Writer commands;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();

  /**
   * @param cache where it keeps its copies
   * @param more further properties of the process, by name
   */
  Client(String appId, String meta, Path cache, Map<String, String> more) throws IOException {
    this(ClientProgram.class, appId, meta, cache, more);
  }

  /** The same in another program. */
  Client(Class<?> program, String appId, String meta, Path cache, Map<String, String> more)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx128m");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Dapp.id=" + appId);
    command.add("-Dapollo.meta=" + meta);
    command.add("-Dapollo.cache-dir=" + cache);
    command.add("-Denv=DEV");
    more.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    commands = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "client-output");
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String text =
            URLDecoder.decode(line.substring(line.indexOf(' ') + 1), StandardCharsets.UTF_8);
        if (line.startsWith("event ")) {
          events.add(text);
        } else {
          answers.add(text);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has it do something, and waits for the answer. */
  String ask(String command) throws Exception {
    commands.write(command + "\n");
    commands.flush();
    String answer = answers.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("no answer to " + command);
    }
    return answer;
  }

  /** Waits until a listener has heard that. */
  void awaitEvent(String event) {
    await(event).atMost(SOON).until(() -> events.contains(event));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
