package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

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
    return mutant(original.getBytes(UTF_8), random);
  }

  private static byte[] mutant(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = bytes[random.nextInt(bytes.length)];
        default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
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
  void framesAreReadOrRefused(RepetitionInfo seed) throws Exception {
    Random random = new Random(seed.getCurrentRepetition());
    byte[] message =
        new Protobuf.Writer()
            .text(1, "a")
            .text(2, "0j5dtrb7xwioh-0.1")
            .varint(3, 1_700_000_000_000L)
            .bytes(5, new Protobuf.Writer().text(1, "name").text(2, "value").toBytes())
            .bytes(6, new byte[300])
            .toBytes();
    byte[] frame = new Protobuf.Writer().varint(1, 1).bytes(4, message).toBytes();
    byte[] gap = new Protobuf.Writer().text(1, "a").text(2, "x").toBytes();
    byte[] missed =
        new Protobuf.Writer().bytes(5, new Protobuf.Writer().bytes(1, gap).toBytes()).toBytes();
    int refused = 0;
    for (int i = 0; i < MUTANTS; i++) {
      TcpCarrier.Conversation conversation =
          new TcpCarrier.Conversation(OutputStream.nullOutputStream(), new Nobody());
      try {
        conversation.take(mutant(random.nextBoolean() ? frame : missed, random));
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(MUTANTS / 20, MUTANTS);
  }

  @RepeatedTest(5)
  void framesAreSplitHoweverTheyAreCut(RepetitionInfo seed) throws Exception {
    Random random = new Random(seed.getCurrentRepetition());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Protobuf.Writer frame = new Protobuf.Writer().bytes(6, new byte[random.nextInt(2_000)]);
      expected.add(frame.toBytes());
      all.write(frame.delimited());
    }
    InputStream pieces =
        new FilterInputStream(new ByteArrayInputStream(all.toByteArray())) {
          @Override
          public int read(byte[] to, int at, int length) throws IOException {
            return super.read(to, at, Math.min(length, 1 + random.nextInt(50)));
          }
        };
    TcpFrames frames = new TcpFrames(pieces, 1 << 16);
    for (byte[] frame : expected) {
      assertThat(frames.next(Duration.ofSeconds(10), new Nobody())).isEqualTo(frame);
    }
    assertThatThrownBy(() -> frames.next(Duration.ofSeconds(10), new Nobody()))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void aFrameThatIsTooLargeIsRefusedByItsLength() {
    byte[] frame = new Protobuf.Writer().bytes(6, new byte[1_001]).delimited();
    assertThatThrownBy(
            () ->
                new TcpFrames(new ByteArrayInputStream(frame), 1_000)
                    .next(Duration.ofSeconds(10), new Nobody()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected: at most 1000");
  }

  /** A frame as a server sends it: not masked. */
  private static byte[] webSocketFrame(int head, byte[] payload) {
    int length = payload.length;
    ByteBuffer frame = ByteBuffer.allocate(10 + length).put((byte) head);
    if (length < 126) {
      frame.put((byte) length);
    } else if (length < 1 << 16) {
      frame.put((byte) 126).putShort((short) length);
    } else {
      frame.put((byte) 127).putLong(length);
    }
    return Arrays.copyOf(frame.array(), frame.put(payload).position());
  }

  @RepeatedTest(5)
  void webSocketMessagesAreTheSameHoweverTheyAreCut(RepetitionInfo seed) throws Exception {
    Random random = new Random(seed.getCurrentRepetition());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<byte[]> expected = new ArrayList<>();
    int pings = 0;
    for (int i = 0; i < 200; i++) {
      byte[] message = new byte[random.nextInt(i == 0 ? 70_000 : 2_000)];
      random.nextBytes(message);
      expected.add(message);
      int cut = random.nextInt(message.length + 1);
      if (cut == message.length) {
        all.write(webSocketFrame(0x81, message));
      } else {
        all.write(webSocketFrame(0x01, Arrays.copyOf(message, cut)));
        all.write(webSocketFrame(0x89, new byte[] {1, 2})); // between the parts of a message
        all.write(webSocketFrame(0x80, Arrays.copyOfRange(message, cut, message.length)));
        pings++;
      }
    }
    all.write(webSocketFrame(0x88, new byte[] {0x03, (byte) 0xf4, '7', ' ', 'm', 's'}));
    ByteArrayOutputStream answers = new ByteArrayOutputStream();
    InputStream pieces = new ByteArrayInputStream(all.toByteArray());
    WebSocketFrames frames = new WebSocketFrames(pieces, answers, 1 << 17);
    for (byte[] message : expected) {
      assertThat(frames.next(Duration.ofSeconds(10), new Nobody())).isEqualTo(message);
    }
    assertThat(frames.next(Duration.ofSeconds(10), new Nobody())).isNull();
    assertThat(frames.closeCode()).isEqualTo(1012);
    assertThat(frames.closeReason()).isEqualTo("7 ms");
    assertThat(answers.size()).isEqualTo(pings * (2 + 4 + 2) + 2 + 4 + 6); // pongs, and the close
  }

  @RepeatedTest(5)
  void webSocketFramesAreReadOrRefused(RepetitionInfo seed) throws Exception {
    Random random = new Random(seed.getCurrentRepetition());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(webSocketFrame(0x01, new byte[40]));
    all.write(webSocketFrame(0x89, new byte[3]));
    all.write(webSocketFrame(0x80, new byte[300]));
    all.write(webSocketFrame(0x88, new byte[] {0x03, (byte) 0xe8}));
    int refused = 0;
    for (int i = 0; i < MUTANTS; i++) {
      WebSocketFrames frames =
          new WebSocketFrames(
              new ByteArrayInputStream(mutant(all.toByteArray(), random)),
              OutputStream.nullOutputStream(),
              10_000);
      try {
        while (frames.next(Duration.ofSeconds(10), new Nobody()) != null) {}
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(MUTANTS / 20, MUTANTS);
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
