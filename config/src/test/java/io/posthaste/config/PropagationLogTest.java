package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.PollResult;
import io.posthaste.core.TopicPattern;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The line that is written of a change. */
final class PropagationLogTest {
  private static final ConfigKey KEY = new ConfigKey("", "G", "a");

  private static Id publish(Configs configs, String content) throws Exception {
    Changed done =
        configs
            .publish(KEY, Payload.of(content), ConfigAttributes.NONE, Expected.ANYTHING)
            .toCompletableFuture()
            .get(30, SECONDS);
    return ((Changed.Done) done).id();
  }

  private static List<Message> lines(Hub hub) throws Exception {
    Id end = new Id(hub.epoch(), hub.log().partitionOf(PropagationLog.topic(KEY)), Long.MAX_VALUE);
    PollResult page =
        hub.history(List.of(TopicPattern.of(PropagationLog.topic(KEY))), end, 100)
            .toCompletableFuture()
            .get(30, SECONDS);
    return page.messages();
  }

  @Test
  void aChangeSomebodyListensToLeavesOneLineThoughTwoWouldWriteIt() throws Exception {
    Policies kept = new Policies(ConfigPolicy.before(List.of()));
    try (Log log = new MemoryLog(MemoryLog.Options.of(kept));
        Hub hub = new Hub(log);
        Configs configs = new Configs(hub);
        Configs other = new Configs(hub)) {
      Duration soon = Duration.ofMillis(200);
      Follower follower = configs.audience().join(Instance.at("10.0.0.1", Map.of()), "x");
      configs.listen(
          keys -> {
            follower.told(KEY);
            follower.fetched(KEY, configs.md5(KEY));
          });
      configs.listen(new PropagationLog(hub, configs.audience(), soon));
      other.listen(new PropagationLog(hub, other.audience(), soon));
      await().until(() -> configs.isReady() && other.isReady());
      publish(configs, "nobody listens");
      follower.listens(KEY, configs.md5(KEY));
      other.audience().join(Instance.at("10.0.0.2", Map.of()), "x").listens(KEY, null);

      Id id = publish(configs, "two listen");
      await().atMost(Duration.ofSeconds(30)).until(() -> !lines(hub).isEmpty());
      Message line = lines(hub).get(0);
      assertThat(line.headers()).containsEntry("version", id.toString());
      assertThat(line.payload().utf8())
          .startsWith("{\"id\":\"" + id + "\",\"count\":2,\"behind\":1,\"told\":{\"count\":1,")
          .contains("\"had\":{\"count\":1,");

      Id next = publish(configs, "again");
      await().atMost(Duration.ofSeconds(30)).until(() -> lines(hub).size() > 1);
      // Were there a second line of the first change, it would stand before this.
      assertThat(lines(hub).get(1).headers()).containsEntry("version", next.toString());
    }
  }
}
