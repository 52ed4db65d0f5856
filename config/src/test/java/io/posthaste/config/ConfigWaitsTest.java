package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Hub;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Shard;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who waits for changes of configs, and how many may. */
final class ConfigWaitsTest {
  private static final ConfigKey A = new ConfigKey("", "G", "a");
  private static final ConfigKey B = new ConfigKey("", "G", "b");
  private static final int SECONDS_AT_MOST = 30;

  private final Log log =
      new MemoryLog(MemoryLog.Options.of(new Policies(ConfigPolicy.before(List.of()))));
  private final Hub hub = new Hub(log);
  private final Shard shard = hub.shards().get(0);

  @AfterEach
  void stop() throws Exception {
    hub.close();
    log.close();
  }

  private static final class One extends ConfigWaits.Wait {}

  private ConfigWaits<One> waits(WaitRoom room) {
    return new ConfigWaits<>(shard, One.class, room, 0);
  }

  private <T> T onShard(Callable<T> task) throws Exception {
    return shard.loop().submit(task).get(SECONDS_AT_MOST, SECONDS);
  }

  private static boolean hasRoom(ConfigWaits<One> waits, ConfigKey... keys) {
    return waits.hasRoom(List.of(keys), Function.identity());
  }

  @Test
  void theFirstForAConfigCountsAsFiveAndTheNextAsOne() throws Exception {
    onShard(
        () -> {
          ConfigWaits<One> waits = waits(new WaitRoom(6));
          assertThat(hasRoom(waits, A, A)).isTrue();
          assertThat(hasRoom(waits, A, B)).isFalse();
          One first = new One();
          waits.add(A, first);
          assertThat(hasRoom(waits, A)).isTrue();
          assertThat(hasRoom(waits, B)).isFalse();
          waits.remove(first);
          assertThat(hasRoom(waits, B, B)).isTrue();
          return null;
        });
  }

  @Test
  void whatOneDoorHasTakenAnotherCannotHave() throws Exception {
    onShard(
        () -> {
          WaitRoom room = new WaitRoom(6);
          ConfigWaits<One> one = waits(room);
          ConfigWaits<One> other = waits(room);
          one.add(A, new One());
          assertThat(hasRoom(other, A)).isFalse();
          return null;
        });
  }

  @Test
  void manyAreLookedAtInSlicesAndNoneIsLeftOut() throws Exception {
    ConfigWaits<One> waits = waits(new WaitRoom(10_000));
    List<One> all = IntStream.range(0, 1_000).mapToObj(i -> new One()).toList();
    List<One> told = new ArrayList<>();
    int[] looked = {0};
    CompletableFuture<Integer> end = new CompletableFuture<>();
    int atOnce =
        onShard(
            () -> {
              all.forEach(one -> waits.add(A, one));
              waits.tell(A, one -> looked[0]++ % 2 == 0, told::add, () -> end.complete(looked[0]));
              return looked[0];
            });
    assertThat(atOnce).isLessThanOrEqualTo(256);
    assertThat(end.get(SECONDS_AT_MOST, SECONDS)).isEqualTo(1_000);
    assertThat(told).hasSize(500);
  }
}
