package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.Want;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The race between two polls, which the field's usual answers lose. */
final class BetweenPollsTest {
  private static final int MESSAGES = 100_000;
  private static final int BATCH = 500;

  @TempDir private Path directory;

  @Test
  void aLongPollReaderSeesAllOfAPublisherAtFullSpeed() throws Exception {
    race(List.of("race/durable"), List.of("long poll"), false);
  }

  @Test
  void aReaderThatChangesTechniqueAtRandomSeesAll() throws Exception {
    race(List.of("race/durable"), NativeClients.techniques(), true);
  }

  @Test
  void aTopicSetOverTheDurableAndTheInMemoryPartitionLosesNothing() throws Exception {
    race(List.of("race/durable", "memory/race"), NativeClients.techniques(), true);
  }

  private void race(List<String> topics, List<String> techniques, boolean restless)
      throws Exception {
    long seed = System.nanoTime();
    try (ServerProcess server =
            new ServerProcess(
                    directory,
                    List.of("-Xmx512m"),
                    "--keep",
                    "memory/#=count:1000000,memory",
                    "--keep",
                    "race/#=count:1000000")
                .start();
        PersistentReader reader =
            new PersistentReader(
                server.address(), new Want(topics, "0", false), techniques, seed, restless)) {
      for (int i = 0; i < MESSAGES; i += BATCH) {
        StringBuilder lines = new StringBuilder();
        for (int j = i; j < i + BATCH; j++) {
          String topic = topics.get(j % topics.size());
          lines.append("{\"topic\":\"" + topic + "\",\"data\":\"" + j + "\"}\n");
        }
        server.batch(lines.toString(), BATCH);
      }
      await("seed " + seed)
          .atMost(Duration.ofSeconds(120))
          .until(() -> reader.seen().size() >= MESSAGES);
      reader.close();
      assertThat(reader.missed()).isFalse();
      for (int i = 0; i < topics.size(); i++) {
        int topic = i;
        List<String> expected = new ArrayList<>();
        for (int j = i; j < MESSAGES; j += topics.size()) {
          expected.add(String.valueOf(j));
        }
        assertThat(
                reader.seen().stream()
                    .filter(text -> Integer.parseInt(text) % topics.size() == topic))
            .as("seed %d, %s", seed, topics.get(i))
            .containsExactlyElementsOf(expected);
      }
      assertThat(reader.seen()).hasSize(MESSAGES);
    }
  }
}
