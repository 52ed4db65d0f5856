package io.posthaste.door.nacos;

import static io.posthaste.door.nacos.Clients.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The official clients of all lines on one server, at the same time. */
final class ClientLinesTest {
  private static final String GROUP = "G";
  private static final String GRPC_OFFSET = "nacos.server.grpc.port.offset";

  @SuppressWarnings("NullAway.Init")
  private static NacosServer server;

  @SuppressWarnings("NullAway.Init")
  private static Clients clients;

  @BeforeAll
  static void connect() throws Exception {
    server = new NacosServer();
    clients = Clients.at(server.place());
  }

  @AfterAll
  static void close() throws Exception {
    clients.close(); // first, else they would look for the server
    server.close();
  }

  @Test
  void eachGetsPublishesListensComparesAndRemoves() throws Exception {
    clients.withEach(
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
    try (Clients ofDefault = Clients.at(server.place());
        Clients ofDev = Clients.at(server.place(), "namespace", "dev")) {
      for (Clients clients : List.of(ofDefault, ofDev)) {
        Map<ClientLine, Heard> heard = new EnumMap<>(ClientLine.class);
        for (ClientLine line : ClientLine.values()) {
          heard.put(line, new Heard());
          clients.of(line).listen("shared", GROUP, heard.get(line));
        }
        String space = clients == ofDev ? "dev" : "public";
        for (ClientLine line : ClientLine.values()) {
          String content = "of " + line + " in " + space;
          assertThat(clients.of(line).publish("shared", GROUP, content, "text")).isTrue();
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
    }
  }

  @Test
  void thoseOfLine3AreToldWhichConfigsComeAndGo() throws Exception {
    for (int i = 0; i < 50; i++) {
      server.put("watched." + i, "there before");
    }
    Map<ClientLine, Heard> heard = new EnumMap<>(ClientLine.class);
    for (ClientLine line : ClientLine.values()) {
      if (line.isOfLine3()) {
        heard.put(line, new Heard());
        clients.of(line).watch("watched.*", GROUP, heard.get(line));
      }
    }
    assertThat(heard).hasSize(2);
    soon()
        .until(
            () ->
                heard.values().stream()
                    .allMatch(h -> h.contents.stream().distinct().count() == 50));
    server.put("watched.new", "1");
    clients.of(ClientLine.V1_4_8).remove("watched.0", GROUP);
    server.put("unwatched", "1");
    for (Heard each : heard.values()) {
      soon()
          .until(
              () ->
                  each.contents.contains("ADD_CONFIG watched.new")
                      && each.contents.contains("DELETE_CONFIG watched.0"));
      assertThat(each.contents).noneMatch(text -> text.contains("unwatched"));
    }
  }

  /** With {@code -Dnacos.server.grpc.port.offset=0}. */
  @Test
  void allGoThroughOnePortIfTheyAreToldTo() throws Exception {
    System.setProperty(GRPC_OFFSET, "0");
    try (Relay relay = new Relay("127.0.0.2", server.address); // nothing is 1,000 above it
        Clients ofOnePort = Clients.at(relay.place())) {
      ofOnePort.withEach(
          (line, client) -> {
            Heard heard = new Heard();
            client.listen("one.port." + line, GROUP, heard);
            assertThat(client.publish("one.port." + line, GROUP, "1", "text")).isTrue();
            soon().until(() -> heard.last().equals("1"));
          });
    } finally {
      System.clearProperty(GRPC_OFFSET);
    }
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
    Map<ClientLine, List<Heard>> heard = new ConcurrentHashMap<>();
    try (NacosServer own = new NacosServer();
        Clients hunting = Clients.at(own.place())) {
      hunting.withEach(
          (line, client) -> {
            List<Heard> ofLine = new ArrayList<>();
            for (int i = 0; i < count; i++) {
              ofLine.add(new Heard());
              client.listen(prefix + i, GROUP, ofLine.get(i));
            }
            heard.put(line, ofLine);
          });
      own.put(prefix + 0, "so that the first poll of 1.x ends, which knows of this one only");
      int all = ClientLine.values().length * count;
      soon().untilAsserted(() -> assertThat(own.door.listened()).isEqualTo(all));
      changeAtRandom(own, prefix, count, updates, heard);
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
      server.put(prefix + at, last[at]);
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
