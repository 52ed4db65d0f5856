package io.posthaste.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What JetStream itself loses when the power of all three servers fails at once, right after it
 * acknowledged: what was never synced to disk. Each server has a small disk of its own, a file that
 * is mounted; at the moment of the failure that file holds what has reached the disk, and what the
 * kernel had yet to write is not in it. Needs root, for mounting.
 */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "mounts disks, which needs root: with -Dlong=true")
final class PowerLossTest {
  private static final int SERVERS = 3;
  private static final int MESSAGES = 1_000;
  private static final String STREAM = "power";

  @TempDir private Path directory;

  private final List<Process> running = new ArrayList<>();
  private final List<Path> mounted = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  @Test
  void acknowledgedMessagesAreLostIfDisksAreMountedAsUsual() throws Exception {
    assertThat(survivors("loop")).isLessThan(MESSAGES);
  }

  @Test
  void nothingIsLostIfDisksAreMountedWithSync() throws Exception {
    assertThat(survivors("loop,sync")).isEqualTo(MESSAGES);
  }

  /** How many of the acknowledged messages are there after the power failed and came back. */
  private long survivors(String mountOptions) throws Exception {
    for (int i = 0; i < 2 * SERVERS; i++) {
      try (ServerSocket free = new ServerSocket(0)) {
        ports.add(free.getLocalPort());
      }
    }
    for (int i = 0; i < SERVERS; i++) {
      run("truncate", "-s", "200M", disk(i, "before").toString());
      run("mkfs.ext4", "-q", disk(i, "before").toString());
      mount(i, "before", mountOptions);
    }
    startServers("before");
    try (Connection connection = connect()) {
      createStream(connection);
      JetStream jetStream = connection.jetStream();
      for (int i = 0; i < MESSAGES; i++) {
        jetStream.publish(STREAM, ("" + i).getBytes(UTF_8)); // throws if it is not acknowledged
      }
    }
    for (Process server : running) {
      run("kill", "-STOP", String.valueOf(server.pid()));
    }
    for (int i = 0; i < SERVERS; i++) {
      run("cp", disk(i, "before").toString(), disk(i, "after").toString());
    }
    killServers();
    for (int i = 0; i < SERVERS; i++) {
      mount(i, "after", "loop");
    }
    startServers("after");
    try (Connection connection = connect()) {
      return messages(connection);
    }
  }

  private Path disk(int server, String when) {
    return directory.resolve(when + server + ".disk");
  }

  private Path mountPoint(int server, String when) {
    return directory.resolve(when + server);
  }

  private void mount(int server, String when, String options) throws Exception {
    Path point = Files.createDirectory(mountPoint(server, when));
    run("mount", "-o", options, disk(server, when).toString(), point.toString());
    mounted.add(point);
  }

  private void startServers(String when) throws IOException {
    List<String> routes = new ArrayList<>();
    for (int i = 0; i < SERVERS; i++) {
      routes.add("nats-route://127.0.0.1:" + ports.get(2 * i + 1));
    }
    for (int i = 0; i < SERVERS; i++) {
      String configuration =
          """
          server_name: n%d
          listen: "127.0.0.1:%d"
          jetstream { store_dir: "%s" }
          cluster { name: power, listen: "127.0.0.1:%d", routes: [%s] }
          """
              .formatted(
                  i,
                  ports.get(2 * i),
                  mountPoint(i, when),
                  ports.get(2 * i + 1),
                  String.join(", ", routes));
      Path file = Files.writeString(directory.resolve("nats" + i + ".conf"), configuration);
      running.add(
          new ProcessBuilder("nats-server", "-c", file.toString())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve(when + i + ".txt").toFile())
              .start());
    }
  }

  private Connection connect() throws Exception {
    Options.Builder options = new Options.Builder().maxReconnects(-1);
    for (int i = 0; i < SERVERS; i++) {
      options.server("nats://127.0.0.1:" + ports.get(2 * i));
    }
    Options built = options.connectionTimeout(Duration.ofSeconds(2)).build();
    return await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> Nats.connect(built), connection -> true);
  }

  private static void createStream(Connection connection) {
    StreamConfiguration stream =
        StreamConfiguration.builder()
            .name(STREAM)
            .subjects(STREAM)
            .storageType(StorageType.File)
            .replicas(SERVERS)
            .build();
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsMatching(
            e -> e instanceof IOException || e instanceof JetStreamApiException)
        .until(() -> connection.jetStreamManagement().addStream(stream), made -> true);
  }

  /** How many messages the stream has; none if the servers know of no such stream. */
  private static long messages(Connection connection) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              try {
                return connection
                    .jetStreamManagement()
                    .getStreamInfo(STREAM)
                    .getStreamState()
                    .getMsgCount();
              } catch (JetStreamApiException e) {
                if (e.getErrorCode() == 404) {
                  return 0L;
                }
                throw new IOException(e);
              }
            },
            count -> true);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    assertThat(exit).as(String.join(" ", command)).isZero();
  }

  private void killServers() {
    running.forEach(Process::destroyForcibly);
    running.forEach(server -> server.onExit().join());
    running.clear();
  }

  @AfterEach
  void unmount() throws Exception {
    killServers();
    for (Path point : mounted) {
      run("umount", point.toString());
    }
  }
}
