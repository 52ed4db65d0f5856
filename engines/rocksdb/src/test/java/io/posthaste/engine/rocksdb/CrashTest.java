package io.posthaste.engine.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Appended;
import io.posthaste.core.Message;
import io.posthaste.core.Page;
import io.posthaste.core.Policies;
import io.posthaste.core.ReadRequest;
import io.posthaste.core.TopicPattern;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a publishing process at random moments, again and again. {@code -Dlong} makes it 100 rounds
 * instead of 4.
 */
final class CrashTest {
  private static final int WRITERS = 4;
  private static final int ROUNDS = System.getProperty("long") == null ? 4 : 100;

  @TempDir Path directory;

  /** The sequence of each acknowledged message, by its text. */
  private final Map<String, Long> acknowledged = new HashMap<>();

  private final long[] last = new long[WRITERS];

  @Test
  void whatIsAcknowledgedOutlivesTheProcess() throws Exception {
    long seed = Long.getLong("posthaste.seed", System.nanoTime());
    System.out.println("crashes: -Dposthaste.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      stormAndKill(500 + random.nextInt(5_000));
      verify();
    }
    assertThat(acknowledged).hasSizeGreaterThan(ROUNDS * 500);
  }

  private void stormAndKill(int afterLines) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(StormOfAppends.class.getName());
    command.add(directory.toString());
    for (long number : last) {
      // From the last that was acknowledged: what came through unheard is retried with its key.
      command.add(String.valueOf(number + 1));
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    int lines = 0;
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (++lines == afterLines) {
          process.toHandle().destroyForcibly(); // unlike the process, leaves its output readable
        }
        String[] parts = line.split(" ");
        if (parts.length == 3) { // the last line may be torn
          note(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), parts[2]);
        }
      }
    }
    assertThat(process.waitFor()).as("exit of a process that was killed").isEqualTo(128 + 9);
    assertThat(lines).isGreaterThanOrEqualTo(afterLines);
  }

  private void note(int writer, long number, String sequence) {
    last[writer] = number;
    acknowledged.put(writer + ":" + number, Long.parseLong(sequence));
  }

  private void verify() {
    // Nothing may go by count here: the newest of each writer are what the default policy keeps.
    try (RocksLog log = RocksLog.open(RocksLog.Options.of(directory, Policies.DEFAULT))) {
      for (int writer = 0; writer < WRITERS; writer++) {
        List<Message> kept = all(log, "storm/" + writer);
        long number = number(kept.get(0));
        for (Message message : kept) {
          assertThat(message.payload().utf8()).isEqualTo(writer + ":" + number);
          Long sequence = acknowledged.get(message.payload().utf8());
          assertThat(sequence).isIn(null, message.sequence());
          number++;
        }
        assertThat(number - 1).as("newest kept of " + writer).isGreaterThanOrEqualTo(last[writer]);
        assertThat(kept).hasSizeGreaterThanOrEqualTo((int) Math.min(1_000, last[writer]));
        retry(log, writer, number - 1, kept.get(kept.size() - 1).sequence());
      }
    }
  }

  private static void retry(RocksLog log, int writer, long number, long sequence) {
    Appended again =
        log.append(List.of(StormOfAppends.append(writer, number)))
            .toCompletableFuture()
            .join()
            .get(0);
    assertThat(again).isInstanceOf(Appended.Stored.class);
    assertThat(((Appended.Stored) again).repeated()).isTrue();
    assertThat(((Appended.Stored) again).id().sequence()).isEqualTo(sequence);
  }

  private static long number(Message message) {
    String text = message.payload().utf8();
    return Long.parseLong(text.substring(text.indexOf(':') + 1));
  }

  private static List<Message> all(RocksLog log, String topic) {
    List<Message> messages = new ArrayList<>();
    long place = 0;
    while (true) {
      Page page =
          log.read(
                  new ReadRequest(
                      0, List.of(new TopicPattern(topic)), place, 1_000, 8 << 20, false))
              .toCompletableFuture()
              .join();
      messages.addAll(page.messages());
      place = page.through();
      if (!page.more()) {
        return messages;
      }
    }
  }
}
