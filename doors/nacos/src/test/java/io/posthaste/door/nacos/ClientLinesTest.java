package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the official clients of all lines can do. */
final class ClientLinesTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final List<NacosClient> clients = new ArrayList<>();

  private final NacosServer server;

  ClientLinesTest() throws Exception {
    server = new NacosServer();
  }

  @AfterEach
  void stop() throws Exception {
    for (NacosClient client : clients) {
      client.close(); // first, else it would look for the server
    }
    server.close();
  }

  private NacosClient connect(ClientLine line, String places, String... more) throws Exception {
    NacosClient client = line.connect(places, more);
    clients.add(client);
    return client;
  }

  @ParameterizedTest
  @EnumSource(ClientLine.class)
  void getsPublishesListensAndRemoves(ClientLine line) throws Exception {
    NacosClient client = connect(line, server.place());
    assertThat(client.get("a.yaml", "G")).isNull();
    Heard heard = new Heard();
    client.listen("a.yaml", "G", heard);
    for (int i = 0; i < 3; i++) {
      String content = "k: " + i + " 中文+&=%";
      assertThat(client.publish("a.yaml", "G", content, "yaml")).isTrue();
      assertThat(client.get("a.yaml", "G")).isEqualTo(content); // at once: its own write
      await().atMost(SOON).until(() -> heard.last().equals(content));
    }
    if (line.isOverGrpc()) {
      String md5 = Md5.of(Payload.of("k: 2 中文+&=%")).toString();
      assertThat(client.publishIf("a.yaml", "G", "k: 3", md5)).isTrue();
      assertThat(client.publishIf("a.yaml", "G", "k: 4", md5)).isFalse();
      await().atMost(SOON).until(() -> heard.last().equals("k: 3"));
    }
    assertThat(client.remove("a.yaml", "G")).isTrue();
    assertThat(client.get("a.yaml", "G")).isNull();
    await().atMost(SOON).until(() -> heard.last().equals("null"));
    assertThat(client.remove("a.yaml", "G")).isTrue();
  }
}
