package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.core.Cursor;
import io.posthaste.core.Hub;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.PollResult;
import io.posthaste.core.Shard;
import io.posthaste.core.Topic;
import io.posthaste.server.Encoded;
import io.posthaste.server.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one shard encodes, it encodes once, and does not keep for long. */
final class CachesTest {
  private MemoryLog log;
  private Hub hub;
  private Shard shard;
  private ShardForms forms;

  @BeforeEach
  void start() throws Exception {
    log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
    hub = new Hub(log);
    shard = hub.shards().get(0);
    forms = onShard(() -> new ShardForms(shard, ByteBufAllocator.DEFAULT, new MessageJson("e1")));
  }

  @AfterEach
  void stop() throws Exception {
    onShard(
        () -> {
          forms.close();
          return true;
        });
    hub.close();
    log.close();
  }

  private <T> T onShard(Callable<T> task) throws Exception {
    return shard.loop().submit(task).get();
  }

  private static Message message(long sequence, int bytes) {
    return new Message(
        new Topic("a"), 0, sequence, 0, 0, "", Map.of(), Payload.of("x".repeat(bytes)), false);
  }

  @Test
  void aFormOfAMessageIsEncodedOnce() throws Exception {
    Encoded first = onShard(() -> forms.unit(Form.EVENT, message(1, 10)));
    assertThat(onShard(() -> forms.unit(Form.EVENT, message(1, 10)))).isSameAs(first);
    assertThat(onShard(() -> forms.unit(Form.LINE, message(1, 10)))).isNotSameAs(first);
    assertThat(onShard(() -> forms.unit(Form.EVENT, message(2, 10)))).isNotSameAs(first);
  }

  @Test
  void whatIsNoLongerAskedForIsLetGo() throws Exception {
    Encoded unit = onShard(() -> forms.unit(Form.EVENT, message(1, 10)));
    Response page = onShard(() -> forms.page(page(1, false)));
    await()
        .untilAsserted(
            () -> {
              assertThat(unit.refCnt()).isZero();
              assertThat(page.refCnt()).isZero();
            });
  }

  @Test
  void largeMessagesDoNotPileUp() throws Exception {
    List<Encoded> units =
        onShard(
            () -> {
              List<Encoded> all = new ArrayList<>();
              for (int i = 1; i <= 40; i++) {
                all.add(forms.unit(Form.EVENT, message(i, 1 << 20)));
              }
              return all.stream().filter(unit -> unit.refCnt() > 0).toList();
            });
    assertThat(units).hasSizeBetween(1, 8);
  }

  @Test
  void pollsThatFoundTheSameShareTheirAnswer() throws Exception {
    Response first = onShard(() -> forms.page(page(1, false)));
    assertThat(onShard(() -> forms.page(page(1, false)))).isSameAs(first);
    assertThat(onShard(() -> forms.page(page(1, true)))).isNotSameAs(first);
    assertThat(onShard(() -> forms.page(page(2, false)))).isNotSameAs(first);
  }

  private static PollResult page(long sequence, boolean more) {
    return new PollResult(
        List.of(message(sequence, 10)), Cursor.of("e1", 0, sequence), more, List.of());
  }
}
