package io.posthaste.door.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Ping;
import io.posthaste.door.tcp.v1.Poll;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Bad input made of good, for as long as {@code -Dposthaste.fuzz.seconds} says, 2 by default, from
 * a seed that failures name and {@code -Dposthaste.fuzz.seed} sets.
 */
@Timeout(value = 1, unit = java.util.concurrent.TimeUnit.DAYS)
class FuzzTest {
  private static final long SECONDS = Long.getLong("posthaste.fuzz.seconds", 2);
  private static final long SEED = Long.getLong("posthaste.fuzz.seed", System.nanoTime());
  private static final int LIMIT = 1_000;

  private static final List<byte[]> SEEDS =
      List.of(
          RawTcp.bytes(RawTcp.hello(), RawTcp.publish(1, "a", "x".repeat(200))),
          RawTcp.bytes(RawTcp.hello(), RawTcp.subscribe(300, "0", "a", "b/#")),
          RawTcp.bytes(
              RawTcp.hello(),
              ClientFrame.newBuilder()
                  .setRef(-1)
                  .setPoll(Poll.newBuilder().addTopics("a").setAfter("0"))
                  .build(),
              ClientFrame.newBuilder().setRef(2).setPing(Ping.getDefaultInstance()).build()));

  private final Random random = new Random(SEED);

  private byte[] mutated() {
    byte[] bytes = SEEDS.get(random.nextInt(SEEDS.size())).clone();
    for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes = Arrays.copyOf(bytes, at);
        case 2 -> bytes[at] = (byte) 0xff;
        default -> bytes = joined(Arrays.copyOf(bytes, at), bytes);
      }
    }
    return bytes;
  }

  private static byte[] joined(byte[] one, byte[] other) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(one);
    all.writeBytes(other);
    return all.toByteArray();
  }

  @Test
  void theSameFramesAreSeenHoweverTheBytesAreCut() {
    long until = System.nanoTime() + SECONDS * 1_000_000_000;
    while (System.nanoTime() < until) {
      byte[] bytes = mutated();
      List<String> whole = split(bytes, bytes.length + 1);
      List<String> torn = split(bytes, 7);
      assertThat(torn)
          .describedAs("seed %d, %s", SEED, HexFormat.of().formatHex(bytes))
          .isEqualTo(whole);
    }
  }

  private List<String> split(byte[] bytes, int most) {
    List<String> seen = new ArrayList<>();
    FrameSplitter splitter = new FrameSplitter();
    for (int from = 0; from < bytes.length; ) {
      int length = Math.min(bytes.length - from, 1 + random.nextInt(most));
      ByteBuf part = ByteBufAllocator.DEFAULT.buffer(length).writeBytes(bytes, from, length);
      from += length;
      splitter.add(ByteBufAllocator.DEFAULT, part);
      for (boolean more = true; more; ) {
        switch (splitter.next(LIMIT)) {
          case FRAME -> {
            ByteBuf frame = splitter.frame();
            seen.add(ByteBufUtil.hexDump(frame));
            frame.release();
          }
          case TOO_LARGE -> seen.add("too large " + splitter.length() + " " + splitter.skipFrame());
          case GARBAGE -> {
            seen.add("garbage");
            splitter.close();
            return seen;
          }
          case MORE_BYTES -> more = false;
        }
      }
    }
    splitter.close();
    return seen;
  }

  @Test
  void noInputHarmsTheOthers() throws IOException {
    long until = System.nanoTime() + SECONDS * 1_000_000_000;
    try (TcpServer server = new TcpServer();
        RawTcp other = server.connect().greet()) {
      other.send(RawTcp.subscribe(1, "", "other"));
      assertThat(other.next().hasDone()).isTrue();
      int count = 0;
      while (System.nanoTime() < until) {
        byte[] bytes = mutated();
        try (RawTcp client = server.connect()) {
          client.send(bytes);
          client.socket.shutdownOutput();
          client.readAll();
        } catch (IOException e) {
          assertThat(e)
              .describedAs("seed %d, %s", SEED, HexFormat.of().formatHex(bytes))
              .isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
        server.publish("other", "" + count);
        assertThat(other.next().getMessage().getPayload().toStringUtf8()).isEqualTo("" + count++);
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> server.loops.traffic().connections() == 1);
      assertThat(server.hub().stats().readers()).isEqualTo(1);
    }
  }
}
