package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Seen;
import io.posthaste.testkit.Want;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A reader that stops reading while 100 MB are published. The server's heap is smaller than that,
 * and an allocation that fails ends it: it could not have kept them for the reader.
 */
final class StalledReaderTest {
  private static final int MESSAGES = 100_000;
  private static final int BATCH = 500;
  private static final String FILLING = "x".repeat(1_000);

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"SSE", "WebSocket"})
  void costsNoMemoryAndSlowsNobodyAndSeesAllWhenItReadsAgain(String technique) throws Exception {
    try (ServerProcess server =
            new ServerProcess(
                    directory,
                    List.of(
                        "-Xmx64m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError"),
                    "--keep",
                    "stall/#=count:1000000")
                .start();
        PersistentReader healthy =
            new PersistentReader(
                server.address(), Want.of("stall/a").after("0"), List.of(technique), 1, false);
        DoorClient stalled = NativeClients.open(technique, server.address(), Want.of("stall/a"))) {
      for (int i = 0; i < MESSAGES; i += BATCH) {
        StringBuilder lines = new StringBuilder();
        for (int j = i; j < i + BATCH; j++) {
          lines.append("{\"topic\":\"stall/a\",\"data\":\"" + j + " " + FILLING + "\"}\n");
        }
        server.batch(lines.toString(), BATCH);
      }
      // Everybody else has everything before the stalled one reads on.
      await().atMost(Duration.ofSeconds(60)).until(() -> healthy.seen().size() == MESSAGES);
      for (int i = 0; i < MESSAGES; i++) {
        Seen next = nextMessage(stalled);
        assertThat(next.text().substring(0, next.text().indexOf(' '))).isEqualTo(String.valueOf(i));
      }
      assertThat(server.metric("posthaste_connections_cut_total")).isZero();
    }
  }

  private static Seen nextMessage(DoorClient client) throws Exception {
    Seen next = client.next(Duration.ofSeconds(20));
    while (next.kind() == Seen.Kind.PLACE) {
      next = client.next(Duration.ofSeconds(20));
    }
    assertThat(next.kind()).isEqualTo(Seen.Kind.MESSAGE);
    return next;
  }
}
