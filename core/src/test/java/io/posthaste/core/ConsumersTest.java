package io.posthaste.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Consumers over the log in memory. */
final class ConsumersTest {
  private final Log log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
  private final Consumers consumers = new Consumers(log);

  @AfterEach
  void close() {
    log.close();
  }

  private Cursor at(long sequence) {
    return Cursor.of(log.epoch(), 0, sequence);
  }

  private Appended ack(Cursor upTo) {
    return consumers.ack("c", upTo).join();
  }

  @Test
  void anAckOfAnotherLogsPlaceDoesNotMoveAConsumer() {
    ack(at(10));
    ack(Cursor.of("elsewhere", 0, 5));
    assertThat(consumers.place("c").join()).contains(at(10));
  }

  @Test
  void aConsumerOfAnotherLogIsMovedByAnAckInThisOne() {
    ack(Cursor.of("elsewhere", 0, 500));
    ack(at(3));
    assertThat(consumers.place("c").join()).contains(at(3));
  }

  @Test
  void eachPartitionMovesForItself() {
    ack(at(10).with(2, 5));
    ack(at(7).with(1, 1).with(2, 6));
    assertThat(consumers.place("c").join()).contains(at(10).with(1, 1).with(2, 6));
  }

  @Test
  void acksAtTheSameTimeEndAtTheHighest() {
    int most = 500;
    List<Integer> shuffled = new Random(1).ints(0, most).distinct().limit(most).boxed().toList();
    CompletableFuture.allOf(
            IntStream.range(0, 4)
                .mapToObj(
                    thread ->
                        CompletableFuture.runAsync(
                            () -> {
                              for (int i = thread; i < most; i += 4) {
                                assertThat(ack(at(shuffled.get(i))))
                                    .isInstanceOf(Appended.Stored.class);
                              }
                            }))
                .toArray(CompletableFuture[]::new))
        .join();
    assertThat(consumers.place("c").join()).contains(at(most - 1));
  }

  @Test
  void oneThatIsMadeTwiceStandsWhereTheFirstPutIt() {
    assertThat(consumers.create("c", at(5)).join()).isEqualTo(at(5));
    assertThat(consumers.create("c", at(9)).join()).isEqualTo(at(5));
  }

  @Test
  void oneWhoseMessageIsNoCursorBeginsAnewAndIsMendedByThat() {
    for (Payload rubbish :
        List.of(Payload.of("rubbish"), Payload.EMPTY, Payload.wrap(new byte[] {-1, 0}))) {
      spoil(rubbish);
      assertThat(consumers.place("c").join()).isEmpty();
      assertThat(consumers.create("c", at(5)).join()).isEqualTo(at(5));
      assertThat(consumers.place("c").join()).contains(at(5));
      spoil(rubbish);
      assertThat(ack(at(7))).isInstanceOf(Appended.Stored.class);
      assertThat(consumers.place("c").join()).contains(at(7));
    }
  }

  private void spoil(Payload payload) {
    log.append(List.of(Append.of(Consumers.topicOf("c"), "text/plain", payload)))
        .toCompletableFuture()
        .join();
  }

  @Test
  void oneThatWasForgottenBeginsAnew() {
    ack(at(10));
    consumers.delete("c").join();
    assertThat(consumers.place("c").join()).isEmpty();
    ack(at(4));
    assertThat(consumers.place("c").join()).contains(at(4));
  }
}
