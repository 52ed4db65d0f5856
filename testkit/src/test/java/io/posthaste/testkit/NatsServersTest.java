package io.posthaste.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class NatsServersTest {
  @Test
  void aClusterIsReadyAndItsServersComeBackFromEveryEnd() throws Exception {
    try (NatsServers servers = NatsServers.cluster()) {
      assertThat(servers.get(0).monitor("/jsz")).contains("\"cluster_size\": 3");
      servers.get(0).kill();
      servers.get(1).stop();
      assertThat(servers.get(0).isRunning()).isFalse();
      servers.get(0).start();
      servers.get(1).start();
      servers.get(2).freeze();
      assertThat(servers.get(2).isRunning()).isTrue();
      servers.get(2).thaw();
      servers.awaitReady();
    }
  }

  @Test
  void nothingIsLeftOfASingleServer() throws Exception {
    NatsServer server;
    try (NatsServers servers = NatsServers.single()) {
      server = servers.get(0);
      assertThat(servers.urls()).isEqualTo("nats://127.0.0.1:" + server.port());
      server.awaitReady(Duration.ofSeconds(1));
    }
    assertThat(server.isRunning()).isFalse();
  }
}
