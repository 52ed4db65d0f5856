package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Unshared;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server on a disk without a byte left: a small file system in memory. */
final class FullDiskOverHttpTest {
  @TempDir private Path directory;

  @Test
  void publishingIsRefusedReadingGoesOnAndSpaceIsEnoughToGoOn() throws Exception {
    Unshared.run(
        Duration.ofMinutes(2),
        List.of("--mount"),
        "mount -t tmpfs -o size=160m tmpfs \"$1\"",
        OnSmallDisk.class,
        directory.toString());
  }

  /** What is done on the small disk. */
  static final class OnSmallDisk {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String FILLING = "x".repeat(10_000);

    private final ServerProcess server;
    private final List<String> acknowledged = new ArrayList<>();
    private int published;

    private OnSmallDisk(ServerProcess server) {
      this.server = server;
    }

    public static void main(String[] arguments) throws Exception {
      Path disk = Path.of(arguments[0]);
      try (ServerProcess server =
          new ServerProcess(disk, List.of("-Xmx128m"), "--keep", "full/#=count:1000000").start()) {
        new OnSmallDisk(server).run(disk.resolve("filling"));
      }
      Unshared.passed();
    }

    private void run(Path filling) throws Exception {
      try (PersistentReader waiting =
          new PersistentReader(
              server.address(), Want.of("full/a").after("0"), List.of("SSE"), 1, false)) {
        for (int i = 0; i < 100; i++) {
          assertThat(publish().statusCode()).isEqualTo(201);
        }
        fill(filling);

        await().atMost(PATIENCE).until(() -> publish().statusCode() != 201);
        HttpResponse<String> refusal = publish();
        assertThat(refusal.statusCode()).isEqualTo(503);
        assertThat(refusal.headers().firstValue("Content-Type"))
            .contains("application/problem+json");
        assertThat(new ObjectMapper().readTree(refusal.body()).get("detail").asText())
            .contains("the disk is full", "are left under", "data (expected: 64 MiB or more)");
        assertThat(batch()).contains("503", "the disk is full");
        for (String technique : NativeClients.techniques()) {
          assertThat(read(technique)).as(technique).isEqualTo(acknowledged);
        }
        assertThat(readOverTcp()).as("TCP").isEqualTo(acknowledged);
        assertThat(get("/v1/topics/full/a")).isEqualTo(last() + FILLING);
        assertThat(get("/readyz")).isEqualTo("ready\n");

        Files.delete(filling);

        await().atMost(PATIENCE).until(() -> publish().statusCode() == 201);
        await().atMost(PATIENCE).until(() -> waiting.seen().size() == acknowledged.size());
        server.kill();
        server.start();
        assertThat(read("SSE")).isEqualTo(acknowledged);
        await().atMost(PATIENCE).until(() -> publish().statusCode() == 201);
        await()
            .atMost(PATIENCE)
            .until(
                () -> acknowledged.equals(waiting.seen().stream().map(OnSmallDisk::name).toList()));
        assertThat(waiting.missed()).isFalse();
      }
    }

    /** Leaves no byte to anybody. */
    private static void fill(Path filling) throws IOException {
      byte[] some = new byte[1 << 20];
      try (OutputStream file = Files.newOutputStream(filling)) {
        while (true) {
          file.write(some);
        }
      } catch (IOException full) {
        assertThat(full).hasMessageContaining("No space left");
      }
    }

    private HttpResponse<String> publish() throws IOException, InterruptedException {
      String name = published++ + " ";
      var request =
          server
              .request("/v1/topics/full/a")
              .header("Content-Type", "text/plain")
              .POST(BodyPublishers.ofString(name + FILLING))
              .build();
      var answer = server.client().send(request, BodyHandlers.ofString());
      if (answer.statusCode() == 201) {
        acknowledged.add(name);
      }
      return answer;
    }

    private String batch() throws IOException, InterruptedException {
      var request =
          server
              .request("/v1/batch")
              .POST(BodyPublishers.ofString("{\"topic\":\"full/a\",\"data\":1}\n"))
              .build();
      return server.client().send(request, BodyHandlers.ofString()).body();
    }

    private String get(String target) throws IOException, InterruptedException {
      return server.client().send(server.request(target).build(), BodyHandlers.ofString()).body();
    }

    private String last() {
      return acknowledged.get(acknowledged.size() - 1);
    }

    private static String name(String text) {
      return text.substring(0, text.indexOf(' ') + 1);
    }

    /** All that is kept, by a technique: up to the last that was acknowledged. */
    private List<String> read(String technique) throws IOException {
      List<String> names = new ArrayList<>();
      try (DoorClient client =
          NativeClients.open(technique, server.address(), Want.of("full/a").after("0"))) {
        while (names.isEmpty() || !names.get(names.size() - 1).equals(last())) {
          Seen next = client.next(PATIENCE);
          if (next.kind() == Seen.Kind.MESSAGE) {
            names.add(name(next.text()));
          } else {
            assertThat(next.kind()).isEqualTo(Seen.Kind.PLACE);
          }
        }
      }
      return names;
    }

    private List<String> readOverTcp() throws Exception {
      Queue<String> names = new ConcurrentLinkedQueue<>();
      try (TcpClient client = TcpClient.connect(server.tcpAddress()).get()) {
        client.subscribe(
            Subscription.to(new TopicPattern("full/a"), Start.BEGINNING),
            message -> names.add(name(message.payload().utf8())));
        await().atMost(PATIENCE).until(() -> names.contains(last()));
      }
      return List.copyOf(names);
    }
  }
}
