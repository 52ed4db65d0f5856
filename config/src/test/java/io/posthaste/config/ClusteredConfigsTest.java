package io.posthaste.config;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Hub;
import io.posthaste.core.Log;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.testkit.NatsServers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Configs of two nodes over one clustered log. */
final class ClusteredConfigsTest {
  private static @Nullable NatsServers nats;

  @BeforeAll
  static void startNats() throws Exception {
    nats = NatsServers.single();
  }

  @AfterAll
  static void stopNats() throws Exception {
    requireNonNull(nats).close();
  }

  /** One node. */
  private record Node(Log log, Hub hub, Configs configs) implements AutoCloseable {
    static Node open() {
      Policies kept = new Policies(ConfigPolicy.before(List.of()));
      Log log = JetStreamLog.open(JetStreamOptions.of(List.of(requireNonNull(nats).urls()), kept));
      Hub hub = new Hub(log);
      Node node = new Node(log, hub, new Configs(hub));
      await().until(node.configs::isReady);
      return node;
    }

    Changed publish(ConfigKey key, String content, Expected expected) throws Exception {
      return configs
          .publish(key, Payload.of(content), ConfigAttributes.NONE, expected)
          .toCompletableFuture()
          .get(10, SECONDS);
    }

    @Override
    public void close() throws Exception {
      configs.close();
      hub.close();
      log.close();
    }
  }

  @Test
  void whatIsPublishedOnOneNodeIsToldOnTheOtherAndCanBeReadThere() throws Exception {
    try (Node one = Node.open();
        Node other = Node.open()) {
      Map<ConfigKey, Md5> heard = new ConcurrentHashMap<>();
      other.configs.listen(keys -> keys.forEach(key -> heard.put(key, other.configs.md5(key))));
      for (int i = 0; i < 50; i++) {
        ConfigKey key = new ConfigKey("", "G", "c" + i % 5);
        String content = "v" + i;
        one.publish(key, content, Expected.ANYTHING);
        assertThat(one.configs.md5(key)).isEqualTo(Md5.of(Payload.of(content)));
        await()
            .untilAsserted(() -> assertThat(heard).containsEntry(key, Md5.of(Payload.of(content))));
        assertThat(other.configs.get(key).toCompletableFuture().get(10, SECONDS).orElseThrow())
            .extracting(ConfigVersion::content)
            .isEqualTo(Payload.of(content));
      }
      ConfigKey key = new ConfigKey("", "G", "c0");
      assertThat(other.configs.history(key).toCompletableFuture().get(10, SECONDS)).hasSize(10);
    }
  }

  @Test
  void ofTwoThatCompareAndSetOnTwoNodesOneWins() throws Exception {
    try (Node one = Node.open();
        Node other = Node.open()) {
      ConfigKey key = new ConfigKey("dev", "G", "contended");
      one.publish(key, "0", Expected.ABSENT);
      for (int i = 0; i < 20; i++) {
        Expected expected = new Expected.Content(Md5.of(Payload.of(String.valueOf(i))));
        var first =
            one.configs
                .publish(key, Payload.of("" + (i + 1)), ConfigAttributes.NONE, expected)
                .toCompletableFuture();
        Changed second = other.publish(key, "" + (i + 1), expected);
        assertThat(List.of(first.get(10, SECONDS), second))
            .filteredOn(Changed.Done.class::isInstance)
            .hasSize(1);
      }
    }
  }

  @Test
  void aQuotaThatIsSetOnOneNodeIsKeptByTheOther() throws Exception {
    try (Node one = Node.open();
        Node other = Node.open()) {
      NamespaceQuota two =
          new NamespaceQuota(2, NamespaceQuota.UNLIMITED, NamespaceQuota.UNLIMITED);
      one.configs
          .namespaces()
          .put("small", "", "", two, ConfigAttributes.NONE, Expected.ABSENT)
          .toCompletableFuture()
          .get(10, SECONDS);
      await()
          .until(
              () ->
                  other
                      .configs
                      .namespaces()
                      .find("small")
                      .filter(small -> small.quota().equals(two))
                      .isPresent());
      for (Node node : List.of(one, other)) {
        ConfigKey key = new ConfigKey("small", "G", node == one ? "a" : "b");
        assertThat(node.publish(key, "v", Expected.ANYTHING)).isInstanceOf(Changed.Done.class);
      }
      // Over a cluster what the other took counts once it is heard of.
      for (Node node : List.of(one, other)) {
        await()
            .until(
                () ->
                    node.configs
                        .namespaces()
                        .find("small")
                        .filter(small -> small.configs() == 2)
                        .isPresent());
        assertThat(node.publish(new ConfigKey("small", "G", "c"), "v", Expected.ANYTHING))
            .isInstanceOf(Changed.Refused.class);
      }
    }
  }
}
