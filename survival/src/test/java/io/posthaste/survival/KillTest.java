package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.door.web.NativeClients;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the midst of a storm of publishes, again and again. */
final class KillTest {
  private static final int ROUNDS = Boolean.getBoolean("long") ? 40 : 4;
  private static final int PUBLISHERS = 4;

  @TempDir private Path directory;

  private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();

  @Test
  void whatWasAcknowledgedIsThereOnceAndEveryReaderSawItOnce() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Thread> publishers = new ArrayList<>();
    List<PersistentReader> readers = new ArrayList<>();
    try (ServerProcess server =
        new ServerProcess(directory, List.of("-Xmx256m"), "--keep", "storm/#=count:1000000")
            .start()) {
      for (String technique : NativeClients.techniques()) {
        Want all = Want.of("storm/#").after("0");
        readers.add(
            new PersistentReader(
                server.address(), all, List.of(technique), random.nextLong(), false));
      }
      for (int i = 0; i < PUBLISHERS; i++) {
        int publisher = i;
        publishers.add(new Thread(() -> publish(server, publisher), "publisher"));
      }
      publishers.forEach(Thread::start);
      for (int round = 0; round < ROUNDS; round++) {
        int enough = acknowledged.size() + 100 + random.nextInt(500);
        await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > enough);
        server.kill();
        server.start();
      }
      over.set(true);
      for (Thread publisher : publishers) {
        publisher.join();
      }

      List<String> expected = acknowledged.stream().sorted().toList();
      assertThat(expected).doesNotHaveDuplicates();
      for (PersistentReader reader : readers) {
        await("seed " + seed + ", " + reader)
            .atMost(Duration.ofSeconds(60))
            .until(() -> reader.seen().size() >= expected.size());
        reader.close();
        assertThat(reader.missed()).as("missed, " + reader).isFalse();
        assertThat(reader.seen().stream().sorted().toList())
            .as("seed %d, %s", seed, reader)
            .isEqualTo(expected);
        assertThat(reader.seen()).as("one order for all").isEqualTo(readers.get(0).seen());
      }
      assertThat(server.stop()).isZero();
    } finally {
      over.set(true);
      for (PersistentReader reader : readers) {
        reader.close();
      }
    }
  }

  /**
   * Publishes one after the other; what got no answer is sent again with its key until it has one.
   */
  private void publish(ServerProcess server, int publisher) {
    for (int i = 0; !over.get(); i++) {
      String text = publisher + "-" + i;
      while (!isPublished(server, "storm/" + publisher, text)) {
        Thread.onSpinWait();
      }
      acknowledged.add(text);
    }
  }

  private static boolean isPublished(ServerProcess server, String topic, String text) {
    var request =
        server
            .request("/v1/topics/" + topic)
            .header("Content-Type", "text/plain")
            .header("Idempotency-Key", text)
            .POST(BodyPublishers.ofString(text))
            .build();
    try {
      return server.client().send(request, BodyHandlers.discarding()).statusCode() == 201;
    } catch (IOException killed) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
