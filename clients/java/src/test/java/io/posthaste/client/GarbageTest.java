package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Whatever a server sends, it is a message, or an {@link IOException}: nothing else, and no hang.
 */
final class GarbageTest {
  private static final String PAGE =
      "{\"messages\":[{\"topic\":\"a\",\"id\":\"0j5dtrb7xwioh-0.1\",\"at\":\"2026-11-22T08:35:35.134Z\","
          + "\"type\":\"application/json\",\"headers\":{\"h\":\"v\"},\"data\":{\"n\":[1,2]}},"
          + "{\"topic\":\"a\",\"id\":\"0j5dtrb7xwioh-0.2\",\"at\":\"2026-11-22T08:35:35.134Z\","
          + "\"encoding\":\"base64\",\"data\":\"AP8=\"}],"
          + "\"next\":\"c\",\"missed\":true,\"gaps\":[{\"topic\":\"a\",\"from\":\"x\"}],\"more\":true}";
  private static final int MUTANTS = 2_000;

  private static byte[] mutant(String original, Random random) {
    byte[] bytes = original.getBytes(UTF_8);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = bytes[random.nextInt(bytes.length)];
        default -> bytes = java.util.Arrays.copyOf(bytes, Math.max(1, at));
      }
    }
    return bytes;
  }

  @RepeatedTest(5)
  void pagesAreReadOrRefused(RepetitionInfo seed) throws Exception {
    Random random = new Random(seed.getCurrentRepetition());
    assertThat(Wire.page(JsonObject.parse(PAGE.getBytes(UTF_8))).messages()).hasSize(2);
    int refused = 0;
    for (int i = 0; i < MUTANTS; i++) {
      try {
        Wire.page(JsonObject.parse(mutant(PAGE, random)));
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(MUTANTS / 10, MUTANTS);
  }

  @RepeatedTest(5)
  void batchesAnswersAreReadOrRefused(RepetitionInfo seed) {
    Random random = new Random(seed.getCurrentRepetition());
    String line =
        "{\"topic\":\"a\",\"id\":\"0j5dtrb7xwioh-0.1\",\"at\":\"2026-11-22T08:35:35.134Z\"}\n";
    int refused = 0;
    for (int i = 0; i < MUTANTS; i++) {
      try {
        Outcomes.parse(mutant(line + line, random), 2);
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(MUTANTS / 10, MUTANTS);
  }

  @RepeatedTest(5)
  void linesAreWhatStandsBetweenTheirEndsHoweverTheyAreCut(RepetitionInfo seed) throws Exception {
    Random random = new Random(seed.getCurrentRepetition());
    byte[] bytes = new byte[10_000];
    random.nextBytes(bytes);
    StringBuilder expected = new StringBuilder();
    Chunks chunks = new Chunks();
    chunks.onSubscribe(new Cut(chunks, bytes, random));
    LineReader lines = new LineReader(chunks, bytes.length);
    Sink sink = new Nobody();
    int count = 0;
    for (byte[] line = next(lines, sink); line != null; line = next(lines, sink)) {
      count++;
      expected.append(line.length).append(' ');
    }
    int ends = 0;
    StringBuilder lengths = new StringBuilder();
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        ends++;
        int length = i - from - (i > from && bytes[i - 1] == '\r' ? 1 : 0);
        lengths.append(length).append(' ');
        from = i + 1;
      }
    }
    assertThat(count).isEqualTo(ends);
    assertThat(expected).hasToString(lengths.toString());
  }

  private static byte[] next(LineReader lines, Sink sink) throws Exception {
    return lines.next(Duration.ofSeconds(10), sink);
  }

  /** Gives a body in pieces of any size, one whenever one is asked for. */
  private static final class Cut implements Flow.Subscription {
    private final Chunks to;
    private final byte[] bytes;
    private final Random random;
    private int at;

    Cut(Chunks to, byte[] bytes, Random random) {
      this.to = to;
      this.bytes = bytes;
      this.random = random;
    }

    @Override
    public void request(long n) {
      if (at == bytes.length) {
        to.onComplete();
        return;
      }
      int length = Math.min(bytes.length - at, random.nextInt(40));
      to.onNext(List.of(ByteBuffer.wrap(bytes, at, length).slice()));
      at += length;
    }

    @Override
    public void cancel() {}
  }

  /** A sink for nothing. */
  private static final class Nobody implements Sink {
    @Override
    public void works() {}

    @Override
    public void message(Message message, String cursor) {}

    @Override
    public void page(Page page) {}

    @Override
    public void missed(List<Gap> gaps) {}

    @Override
    public void cursor(String cursor) {}

    @Override
    public void comeBackAfter(Duration pause) {}

    @Override
    public boolean leaves() {
      return false;
    }
  }
}
