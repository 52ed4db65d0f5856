package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cursors and ids as text. */
final class CursorTest {
  private static final String USUAL = "0123456789abcdefz-._";

  private final Random random = new Random(1);

  private Cursor any() {
    int[] partitions = random.ints(1 + random.nextInt(4), 0, 40).distinct().sorted().toArray();
    long[] sequences = new long[partitions.length];
    Arrays.setAll(sequences, i -> random.nextLong() >>> 1 + random.nextInt(63));
    return new Cursor(Epoch.random(), partitions, sequences);
  }

  @Test
  void isReadAsItWasWritten() {
    for (int i = 0; i < 2_000; i++) {
      Cursor cursor = any();
      Cursor read = Cursor.parse(cursor.toString());
      assertThat(read).isEqualTo(cursor).hasSameHashCodeAs(cursor).hasToString(cursor.toString());
    }
  }

  @Test
  void anIdIsReadAsItWasWrittenAndIsTheCursorOfItsPlace() {
    for (int i = 0; i < 2_000; i++) {
      Id id = new Id(Epoch.random(), random.nextInt(1000), random.nextLong() >>> 1);
      assertThat(Id.parse(id.toString())).isEqualTo(id);
      assertThat(id.toCursor()).hasToString(id.toString());
    }
  }

  @Test
  void theLargestNumbersFit() {
    Id id = new Id("z".repeat(32), Integer.MAX_VALUE, Long.MAX_VALUE);
    assertThat(Id.parse(id.toString())).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "a",
        "a-",
        "a-1",
        "a-.",
        "a-1.",
        "a-.1",
        "-0.1",
        "A-0.1",
        "a-0.A",
        "a-00.1",
        "a-0.01",
        "a-+0.1",
        "a-0.-1",
        "a--1.1",
        "a-0.1_",
        "a-0.1_0.2",
        "a-1.1_0.1",
        "a-0.1__1.1",
        "a-zik0zk.1",
        "a-0.1y2p0ij32e8e8",
        "a-0.1 ",
        " a-0.1",
        "a-0.1.1",
        "a-٣.1",
        "a-0.٣"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> Cursor.parse(text)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> Id.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void anIdSpeaksOfOnePartition() {
    assertThatThrownBy(() -> Id.parse("a-0.1_1.1")).isInstanceOf(MalformedException.class);
  }

  @Test
  void garbageIsRefusedAndNothingElse() {
    for (int i = 0; i < 20_000; i++) {
      String text =
          i % 2 == 0
              ? Garbage.text(random, USUAL, 40)
              : Garbage.damaged(random, any().toString(), USUAL);
      roundTripOrRefuse(text, Cursor::parse);
      roundTripOrRefuse(text, Id::parse);
    }
    roundTripOrRefuse("a-" + "0.1_".repeat(100_000), Cursor::parse);
  }

  private static void roundTripOrRefuse(String text, Function<String, Object> parse) {
    try {
      // One place has one text: what is read is written the same.
      assertThat(parse.apply(text)).hasToString(text);
    } catch (MalformedException refused) {
      assertThat(refused.getMessage()).hasLineCount(1).hasSizeLessThan(400);
    }
  }

  @Test
  void withChangesOrAddsOnePartition() {
    Cursor cursor = Cursor.of("e", 5, 50);
    Cursor more = cursor.with(7, 70).with(1, 10).with(5, 55).with(6, 60);
    assertThat(more).hasToString("e-1.a_5.1j_6.1o_7.1y");
    assertThat(cursor).hasToString("e-5.1e");
    assertThat(more.sequenceIn(6, -1)).isEqualTo(60);
    assertThat(more.sequenceIn(2, -1)).isEqualTo(-1);
  }
}
