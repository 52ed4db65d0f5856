package io.posthaste.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A server that the tool starts for itself, on a free port of loopback, with a directory of its
 * own. Closing it stops it and removes the directory.
 */
public final class ServerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final long PROBE_NANOS = 2_000_000;

  private final Process process;
  private final int port;
  private final Path directory;
  private final Duration startup;
  private final Thread atExit;

  private ServerProcess(
      Process process, int port, Path directory, Duration startup, Thread atExit) {
    this.process = process;
    this.port = port;
    this.directory = directory;
    this.startup = startup;
    this.atExit = atExit;
  }

  /**
   * Starts a server and returns once it answers an HTTP request.
   *
   * @param command knows {@code {port}} and {@code {dir}}
   * @param cpu the core to pin it to with {@code taskset}, or -1
   * @param readyPath what is asked until it is answered with 2xx
   * @throws LoadFailedException if it does not get ready; its last words are in the message
   */
  public static ServerProcess start(List<String> command, int cpu, String readyPath)
      throws InterruptedException {
    try {
      Path directory = Files.createTempDirectory("posthaste-bench-");
      int port = freePort();
      List<String> line = new ArrayList<>();
      if (cpu >= 0) {
        line.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
      }
      for (String word : command) {
        line.add(
            word.replace("{port}", Integer.toString(port)).replace("{dir}", directory.toString()));
      }
      Path output = directory.resolve("output.log");
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      // A tool that is told to end leaves no server behind.
      Thread atExit = new Thread(process::destroy, "ending-a-server");
      Runtime.getRuntime().addShutdownHook(atExit);
      ServerProcess server = new ServerProcess(process, port, directory, Duration.ZERO, atExit);
      boolean isReady = false;
      while (!isReady && process.isAlive() && System.nanoTime() - start < START_LIMIT.toNanos()) {
        isReady = answers(port, readyPath);
        if (!isReady) {
          LockSupport.parkNanos(PROBE_NANOS);
        }
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      if (!isReady) {
        String said = Files.readString(output);
        server.close();
        throw new LoadFailedException(
            "the server is not ready after " + took + ": " + said.strip());
      }
      return new ServerProcess(process, port, directory, took, atExit);
    } catch (IOException e) {
      throw new LoadFailedException("could not start " + command + ": " + e.getMessage());
    }
  }

  /** The port it was told to serve on. */
  public int port() {
    return port;
  }

  /** Its process; the server itself may be a descendant. */
  public long pid() {
    return process.pid();
  }

  /** From starting the process to its first good answer. */
  public Duration startup() {
    return startup;
  }

  @Override
  public void close() throws InterruptedException {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException ending) {
      // It runs already.
    }
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroy);
    if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      all.forEach(ProcessHandle::destroyForcibly);
      process.waitFor();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + directory + " (" + e.getMessage() + ")");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean answers(int port, String path) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      socket.setSoTimeout(1_000);
      String request =
          "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] head = socket.getInputStream().readNBytes(12);
      return new String(head, StandardCharsets.US_ASCII).startsWith("HTTP/1.1 2");
    } catch (IOException e) {
      return false;
    }
  }
}
