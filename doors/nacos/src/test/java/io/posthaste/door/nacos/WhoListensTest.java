package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import io.posthaste.config.AudiencePage;
import io.posthaste.config.AudienceQuery;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.config.Followership;
import io.posthaste.config.Md5;
import io.posthaste.config.Spreading;
import io.posthaste.core.Id;
import io.posthaste.core.Payload;
import io.posthaste.engine.jetstream.JetStreamLog;
import io.posthaste.engine.jetstream.JetStreamOptions;
import io.posthaste.testkit.NatsServers;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who has which version, of official clients 1.4.8 that know nothing of it. */
final class WhoListensTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final ConfigKey KEY = new ConfigKey("", "G", "who.yaml");

  /** A client that listens, and what it was given. */
  private static final class Client implements AutoCloseable {
    private final ConfigService service;
    private final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();

    Client(NacosServer server) throws Exception {
      Properties properties = new Properties();
      properties.put("serverAddr", server.place());
      properties.put("configRetryTime", "200");
      service = NacosFactory.createConfigService(properties);
      service.addListener(
          KEY.name(),
          KEY.group(),
          new AbstractListener() {
            @Override
            public void receiveConfigInfo(String content) {
              heard.add(String.valueOf(content));
            }
          });
    }

    @Override
    public void close() throws Exception {
      service.shutDown();
    }
  }

  private static Id publish(NacosServer server, String content) throws Exception {
    Changed done =
        server
            .configs
            .publish(KEY, Payload.of(content), ConfigAttributes.NONE, Expected.ANYTHING)
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    return ((Changed.Done) done).id();
  }

  private static AudiencePage page(NacosServer server) throws Exception {
    return server
        .configs
        .audience()
        .find(AudienceQuery.of(KEY, 100))
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private static void awaitAll(NacosServer server, int count, Id id) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(page(server).followers())
                    .hasSize(count)
                    .allMatch(one -> id.equals(one.id()) && one.isConfirmed() && one.isCurrent()));
  }

  private static JetStreamLog clustered(NatsServers nats) {
    return JetStreamLog.open(JetStreamOptions.of(List.of(nats.urls()), NacosServer.KEPT));
  }

  @Test
  void eachVersionIsSeenToReachEveryClientOnBothNodes() throws Exception {
    try (NatsServers nats = NatsServers.single();
        NacosServer one = new NacosServer(clustered(nats), 0, 1 << 20);
        NacosServer other = new NacosServer(clustered(nats), 0, 1 << 20)) {
      Id first = publish(one, "v: 0");
      try (Client alice = new Client(one);
          Client bob = new Client(other)) {
        awaitAll(one, 2, first);
        assertThat(page(other).nodes()).hasSize(2).containsValue(1);
        Id last = first;
        for (int i = 1; i <= 3; i++) {
          Id next = publish(i % 2 == 0 ? one : other, "v: " + i);
          awaitAll(one, 2, next);
          assertThat(List.of(alice, bob))
              .allSatisfy(client -> assertThat(client.heard).isNotEmpty());
          last = next;
        }
        AudiencePage page = page(other);
        assertThat(page.behind()).isZero();
        assertThat(page.silent()).isEmpty();
        assertThat(page.versions()).singleElement().matches(of -> of.instances() == 2);
        for (Followership follower : page.followers()) {
          assertThat(follower.instance().address()).isEqualTo("127.0.0.1");
          assertThat(follower.instance().clientVersion()).isEqualTo("1.4.8");
          assertThat(follower.door()).isEqualTo("nacos");
          assertThat(follower.md5()).isEqualTo(Md5.of(Payload.of("v: 3")));
          assertThat(follower.told()).isEqualTo(last);
          assertThat(follower.afterMillis()).isNotNegative();
        }
        Spreading spreading = page.spreadings().get(0);
        assertThat(spreading.id()).isEqualTo(last);
        for (Spreading.Curve curve : List.of(spreading.told(), spreading.had())) {
          assertThat(curve.count()).isEqualTo(2);
          assertThat(List.of(curve.first(), curve.half(), curve.most(), curve.last())).isSorted();
        }
        assertThat(spreading.told().first()).isLessThanOrEqualTo(spreading.had().first());
        assertThat(spreading.told().last()).isLessThanOrEqualTo(spreading.had().last());
        await()
            .atMost(SOON)
            .until(() -> alice.heard.contains("v: 3") && bob.heard.contains("v: 3"));
      }
    }
  }

  @Test
  void theConsolesOwnQuestionsAreAnswered() throws Exception {
    try (NacosServer server = new NacosServer()) {
      publish(server, "v: 1");
      String md5 = Md5.of(Payload.of("v: 1")).toString();
      try (Client alice = new Client(server)) {
        assertThat(alice.heard).isNotNull();
        await()
            .atMost(SOON)
            .untilAsserted(
                () ->
                    assertThat(server.get("/cs/configs/listener?dataId=who.yaml&group=G").body())
                        .isEqualTo(
                            "{\"collectStatus\":200,\"lisentersGroupkeyStatus\":{\"127.0.0.1\":\""
                                + md5
                                + "\"}}"));
      }
      assertThat(server.get("/cs/listener?ip=127.0.0.1").body())
          .isEqualTo(
              "{\"collectStatus\":200,\"lisentersGroupkeyStatus\":{\"who.yaml+G\":\""
                  + md5
                  + "\"}}");
      assertThat(server.get("/cs/listener?ip=127.0.0.1&tenant=dev").body()).endsWith(":{}}");
      assertThat(server.get("/cs/listener?ip=127.0.0.1&tenant=dev&all=true").body())
          .contains("who.yaml+G");
      assertThat(server.get("/cs/listener").statusCode()).isEqualTo(400);
    }
  }
}
