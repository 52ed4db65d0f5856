package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Log;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.engine.rocksdb.RocksLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server in a process of its own, which can be killed and started again at the same place. */
final class ServerApart implements AutoCloseable {
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(20_000 + (int) (ProcessHandle.current().pid() % 1_000));

  private final String log;
  private final int port;
  private Process process;

  private ServerApart(String log, int port) throws IOException {
    this.log = log;
    this.port = port;
    this.process = launch();
  }

  /**
   * Starts one; it is ready when it has been awaited.
   *
   * @param log a directory, or where a nats-server is
   */
  static ServerApart launch(String log) throws IOException {
    return new ServerApart(log, freePort());
  }

  /** Where nothing listens, nor 1,000 above; below the ports that connections are given. */
  private static int freePort() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    while (true) {
      int port = NEXT_PORT.getAndIncrement();
      try (ServerSocket http = new ServerSocket(port, 1, loopback);
          ServerSocket grpc = new ServerSocket(port + 1_000, 1, loopback)) {
        assertThat(grpc.isBound()).isTrue();
        return http.getLocalPort();
      } catch (BindException taken) {
        assertThat(port).isLessThan(30_000);
      }
    }
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            ServerApart.class.getName(),
            log,
            Integer.toString(port))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  ServerApart awaitReady() throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    assertThat(out.readLine()).isEqualTo(place());
    return this;
  }

  String place() {
    return "127.0.0.1:" + port;
  }

  /** Ends it at once, by SIGKILL. */
  void kill() throws InterruptedException {
    assertThat(process.destroyForcibly().waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  /** After it was killed. */
  void startAgain() throws IOException {
    process = launch();
    awaitReady();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /** The process: a log, and a port. It ends with the process that has started it. */
  public static void main(String[] arguments) {
    try {
      int port = Integer.parseInt(arguments[1]);
      NacosServer server = new NacosServer(open(arguments[0]), port, 1 << 20);
      System.out.println(server.place());
      while (System.in.read() >= 0) {
        // Nothing is said to it.
      }
    } catch (Exception e) {
      e.printStackTrace(); // where who has started it sees it
    } finally {
      Runtime.getRuntime().halt(0); // else the threads of half a server would go on
    }
  }

  private static Log open(String log) {
    return log.startsWith("nats:")
        ? JetStreamLog.open(JetStreamOptions.of(List.of(log), NacosServer.KEPT))
        : RocksLog.open(RocksLog.Options.of(Path.of(log), NacosServer.KEPT));
  }
}
