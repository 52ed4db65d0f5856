package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.testkit.NatsServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The official client, 1.4.8, unmodified. */
final class NacosClientTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int READ_MILLIS = 5_000;

  private final List<ConfigService> clients = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (ConfigService client : clients) {
      client.shutDown();
    }
  }

  private ConfigService client(String servers, String... more) throws Exception {
    Properties properties = new Properties();
    properties.put("serverAddr", servers);
    properties.put("configRetryTime", "200");
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    ConfigService client = NacosFactory.createConfigService(properties);
    clients.add(client);
    return client;
  }

  /** What a listener has been given, in order; an absent config as the text null. */
  private static final class Heard extends AbstractListener {
    private final ConcurrentLinkedQueue<String> contents = new ConcurrentLinkedQueue<>();

    @Override
    public void receiveConfigInfo(String content) {
      contents.add(String.valueOf(content));
    }

    String last() {
      String last = "";
      for (String content : contents) {
        last = content;
      }
      return last;
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "takes a quarter of a minute: with -Dlong=true")
  void absentEmptyAndPublicNamespaceAreOneAndOthersAreOthers() throws Exception {
    try (NacosServer server = new NacosServer()) {
      ConfigService none = client(server.place());
      ConfigService empty = client(server.place(), "namespace", "");
      ConfigService named = client(server.place(), "namespace", "public");
      ConfigService dev = client(server.place(), "namespace", "dev");
      List<Heard> heard = new ArrayList<>();
      for (ConfigService client : List.of(none, empty, named)) {
        heard.add(new Heard());
        client.addListener("n", "G", heard.get(heard.size() - 1));
      }
      Heard other = new Heard();
      dev.addListener("n", "G", other);
      none.publishConfig("n", "G", "1");
      for (ConfigService client : List.of(none, empty, named)) {
        assertThat(client.getConfig("n", "G", READ_MILLIS)).isEqualTo("1");
      }
      await().atMost(SOON).until(() -> heard.stream().allMatch(one -> one.last().equals("1")));
      dev.publishConfig("n", "G", "2");
      await().atMost(SOON).until(() -> other.last().equals("2"));
      assertThat(none.getConfig("n", "G", READ_MILLIS)).isEqualTo("1");
      assertThat(other.contents).doesNotContain("1");
    }
  }

  @Test
  void aBetaIsForTheClientAtItsAddressAndForTheOtherOnceItIsPromoted() throws Exception {
    try (NacosServer server = new NacosServer();
        Relay relay = new Relay("127.0.0.2", server.address)) {
      ConfigService one = client(server.place());
      ConfigService other = client(relay.place());
      one.publishConfig("b", "G", "old");
      Heard heard = new Heard();
      Heard otherHeard = new Heard();
      one.addListener("b", "G", heard);
      other.addListener("b", "G", otherHeard);
      await().atMost(SOON).until(() -> server.door.listened() == 2);

      server.publish("b", "new", "betaIps", "127.0.0.2");
      await().atMost(SOON).until(() -> otherHeard.last().equals("new"));
      assertThat(other.getConfig("b", "G", READ_MILLIS)).isEqualTo("new");
      assertThat(one.getConfig("b", "G", READ_MILLIS)).isEqualTo("old");
      server.delete("/cs/configs?dataId=b&group=G&beta=true");
      await().atMost(SOON).until(() -> otherHeard.last().equals("old"));

      server.publish("b", "new", "betaIps", "127.0.0.2");
      await().atMost(SOON).until(() -> otherHeard.last().equals("new"));
      assertThat(heard.contents).containsExactly("old"); // and neither has been told in vain
      server
          .configs
          .grays()
          .promote(
              GrayNames.beta(new ConfigKey("", "G", "b")),
              ConfigAttributes.NONE,
              Expected.ANYTHING,
              false)
          .toCompletableFuture()
          .join();
      await().atMost(SOON).until(() -> heard.last().equals("new"));
      assertThat(otherHeard.contents).containsExactly("old", "new", "old", "new");
    }
  }

  @Test
  void whatIsPublishedOnOneNodeIsToldOnTheOther() throws Exception {
    try (NatsServers nats = NatsServers.single();
        NacosServer one = new NacosServer(clustered(nats), 0, 1 << 20);
        NacosServer other = new NacosServer(clustered(nats), 0, 1 << 20)) {
      ConfigService publisher = client(one.place());
      ConfigService reader = client(other.place());
      Heard heard = new Heard();
      reader.addListener("x", "G", heard);
      for (int i = 0; i < 5; i++) {
        String content = "v" + i;
        assertThat(publisher.publishConfig("x", "G", content)).isTrue();
        await().atMost(SOON).until(() -> heard.last().equals(content));
      }
      assertThat(heard.contents).doesNotContain("null");
    }
  }

  private static JetStreamLog clustered(NatsServers nats) {
    return JetStreamLog.open(JetStreamOptions.of(List.of(nats.urls()), NacosServer.KEPT));
  }
}
