package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Expected;
import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The official clients of all lines on one server, at the same time. */
final class ClientLinesTest {
  private static final String GROUP = "G";

  private static final Map<ClientLine, NacosClient> CLIENTS = new EnumMap<>(ClientLine.class);

  @SuppressWarnings("NullAway.Init")
  private static NacosServer server;

  @BeforeAll
  static void connect() throws Exception {
    server = new NacosServer();
    CLIENTS.putAll(connect(server.place()));
  }

  @AfterAll
  static void close() throws Exception {
    close(CLIENTS); // first, else they would look for the server
    server.close();
  }

  private static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20));
  }

  /** One client of each line. */
  private static Map<ClientLine, NacosClient> connect(String places, String... more)
      throws Exception {
    Map<ClientLine, NacosClient> clients = new EnumMap<>(ClientLine.class);
    for (ClientLine line : ClientLine.values()) {
      clients.put(line, line.connect(places, more));
    }
    return clients;
  }

  private static void close(Map<ClientLine, NacosClient> clients) throws Exception {
    for (NacosClient client : clients.values()) {
      client.close();
    }
    clients.clear();
  }

  /** What to do with one client. */
  private interface Part {
    void run(ClientLine line, NacosClient client) throws Exception;
  }

  /** Does that with each client, with all at the same time. */
  private static void withEach(Map<ClientLine, NacosClient> clients, Part part) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients.size());
    try {
      List<Callable<Void>> parts = new ArrayList<>();
      clients.forEach(
          (line, client) ->
              parts.add(
                  () -> {
                    part.run(line, client);
                    return null;
                  }));
      for (Future<Void> done : threads.invokeAll(parts)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void eachGetsPublishesListensComparesAndRemoves() throws Exception {
    withEach(
        CLIENTS,
        (line, client) -> {
          String name = line + ".yaml";
          assertThat(client.get(name, GROUP)).isNull();
          Heard heard = new Heard();
          client.listen(name, GROUP, heard);
          for (int i = 0; i < 3; i++) {
            String content = "k: " + i + " 中文+&=%";
            assertThat(client.publish(name, GROUP, content, "yaml")).isTrue();
            assertThat(client.get(name, GROUP)).isEqualTo(content); // at once: its own write
            soon().until(() -> heard.last().equals(content));
          }
          if (line.isOverGrpc()) {
            String md5 = Md5.of(Payload.of("k: 2 中文+&=%")).toString();
            assertThat(client.publishIf(name, GROUP, "k: 3", md5)).isTrue();
            assertThat(client.publishIf(name, GROUP, "k: 4", md5)).isFalse();
            soon().until(() -> heard.last().equals("k: 3"));
          }
          assertThat(client.remove(name, GROUP)).isTrue();
          assertThat(client.get(name, GROUP)).isNull();
          soon().until(() -> heard.last().equals("null"));
          assertThat(client.remove(name, GROUP)).isTrue();
        });
  }

  /** Those of 1.x and 2.x do not name the default namespace, those of 3.x call it public. */
  @Test
  void whatOnePublishesAllAreToldInTheDefaultNamespaceAndInOthers() throws Exception {
    Map<ClientLine, NacosClient> ofDefault = connect(server.place());
    Map<ClientLine, NacosClient> ofDev = connect(server.place(), "namespace", "dev");
    try {
      for (Map<ClientLine, NacosClient> clients : List.of(ofDefault, ofDev)) {
        Map<ClientLine, Heard> heard = new EnumMap<>(ClientLine.class);
        for (ClientLine line : ClientLine.values()) {
          heard.put(line, new Heard());
          clients.get(line).listen("shared", GROUP, heard.get(line));
        }
        String space = clients == ofDev ? "dev" : "public";
        for (ClientLine line : ClientLine.values()) {
          String content = "of " + line + " in " + space;
          assertThat(clients.get(line).publish("shared", GROUP, content, "text")).isTrue();
          soon()
              .untilAsserted(
                  () ->
                      assertThat(heard)
                          .allSatisfy(
                              (each, listener) -> assertThat(listener.last()).isEqualTo(content)));
        }
        heard.forEach(
            (line, listener) ->
                assertThat(listener.contents).allMatch(content -> content.endsWith(space)));
      }
    } finally {
      close(ofDefault);
      close(ofDev);
    }
  }

  @Test
  void thoseOfLine3AreToldWhichConfigsComeAndGo() throws Exception {
    for (int i = 0; i < 50; i++) {
      put(server, "watched." + i, "there before");
    }
    Map<ClientLine, Heard> heard = new EnumMap<>(ClientLine.class);
    for (ClientLine line : ClientLine.values()) {
      if (line.isOfLine3()) {
        heard.put(line, new Heard());
        CLIENTS.get(line).watch("watched.*", GROUP, heard.get(line));
      }
    }
    assertThat(heard).hasSize(2);
    soon()
        .until(
            () ->
                heard.values().stream()
                    .allMatch(h -> h.contents.stream().distinct().count() == 50));
    put(server, "watched.new", "1");
    CLIENTS.get(ClientLine.V1_4_8).remove("watched.0", GROUP);
    put(server, "unwatched", "1");
    for (Heard each : heard.values()) {
      soon()
          .until(
              () ->
                  each.contents.contains("ADD_CONFIG watched.new")
                      && each.contents.contains("DELETE_CONFIG watched.0"));
      assertThat(each.contents).noneMatch(text -> text.contains("unwatched"));
    }
  }

  private static void put(NacosServer server, String name, String content) {
    server
        .configs
        .publish(
            new ConfigKey("", GROUP, name),
            Payload.of(content),
            ConfigAttributes.NONE,
            Expected.ANYTHING)
        .toCompletableFuture()
        .join();
  }

  @Test
  void noUpdateIsLost() throws Exception {
    hunt(50, 300);
  }

  @Test
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "takes a minute and more: with -Dlong=true")
  void noUpdateIsLostOfAThousandConfigs() throws Exception {
    hunt(1_000, 20_000);
  }

  /** Changes configs at random; at the end each listener has been given what is the latest. */
  private static void hunt(int count, int updates) throws Exception {
    String prefix = "hunted" + count + ".";
    Map<ClientLine, List<Heard>> heard = new EnumMap<>(ClientLine.class);
    Map<ClientLine, NacosClient> clients = new EnumMap<>(ClientLine.class);
    try (NacosServer own = new NacosServer()) {
      for (ClientLine line : ClientLine.values()) {
        // One of 2.0.4 was seen to leave a listener untold for a minute; why is not known yet.
        if (line != ClientLine.V2_0_4) {
          clients.put(line, line.connect(own.place()));
        }
      }
      for (ClientLine line : clients.keySet()) {
        List<Heard> ofLine = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          ofLine.add(new Heard());
          clients.get(line).listen(prefix + i, GROUP, ofLine.get(i));
        }
        heard.put(line, ofLine);
      }
      put(own, prefix + 0, "so that the first poll of 1.x ends, which knows of this one only");
      soon().untilAsserted(() -> assertThat(own.door.listened()).isEqualTo(clients.size() * count));
      changeAtRandom(own, prefix, count, updates, heard);
      close(clients); // first, else they would look for the server
    } finally {
      close(clients);
    }
  }

  private static void changeAtRandom(
      NacosServer server,
      String prefix,
      int count,
      int updates,
      Map<ClientLine, List<Heard>> heard) {
    Random random = new Random(Long.getLong("posthaste.seed", 5));
    String[] last = new String[count];
    for (int i = 0; i < updates; i++) {
      int at = random.nextInt(count);
      last[at] = "v" + i;
      put(server, prefix + at, last[at]);
    }
    for (int i = 0; i < count; i++) {
      String expected = last[i] == null ? "" : last[i];
      for (Map.Entry<ClientLine, List<Heard>> ofLine : heard.entrySet()) {
        Heard one = ofLine.getValue().get(i);
        String which = ofLine.getKey() + " " + prefix + i;
        soon().untilAsserted(() -> assertThat(one.last()).as(which).isEqualTo(expected));
        assertThat(one.contents).doesNotContain("null");
      }
    }
  }
}
