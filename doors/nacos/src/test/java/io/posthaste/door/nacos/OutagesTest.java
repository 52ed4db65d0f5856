package io.posthaste.door.nacos;

import static io.posthaste.door.nacos.Clients.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.testkit.NatsServers;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The official clients of all lines while their server is not there, or not ready. */
final class OutagesTest {
  private static final String GROUP = "G";
  private static final String LONG = "takes a quarter of a minute: with -Dlong=true";

  @TempDir private Path directory;

  /** Has each client listen to a config. */
  private static Collection<Heard> listen(Clients clients, String name) throws Exception {
    Collection<Heard> heard = new ConcurrentLinkedQueue<>();
    clients.withEach(
        (line, client) -> {
          Heard one = new Heard();
          heard.add(one);
          client.listen(name, GROUP, one);
        });
    return heard;
  }

  private static void awaitAll(Collection<Heard> heard, String content) {
    soon()
        .untilAsserted(
            () -> assertThat(heard).allMatch(each -> each.last().equals(content), content));
  }

  private static void publish(NacosClient client, String name, String content) {
    soon().ignoreExceptions().until(() -> client.publish(name, GROUP, content, "text"));
  }

  @Test
  void whenTheServerIsKilledNothingIsLostAndNobodyIsHandedNull() throws Exception {
    try (ServerApart server = ServerApart.launch(directory.toString()).awaitReady();
        Clients clients = Clients.at(server.place())) {
      NacosClient publisher = clients.of(ClientLine.V2_5_1);
      publish(publisher, "c", "old");
      publish(publisher, "kept", "old");
      Collection<Heard> heard = listen(clients, "c");
      awaitAll(heard, "old");
      clients.withEach((line, client) -> assertThat(client.get("kept", GROUP)).isEqualTo("old"));
      publish(publisher, "c", "just before");
      server.kill();
      clients.withEach((line, client) -> assertThat(client.get("kept", GROUP)).isEqualTo("old"));
      server.startAgain();
      awaitAll(heard, "just before");
      clients.withEach((line, client) -> publish(client, "by." + line, "after"));
      publish(publisher, "c", "after");
      awaitAll(heard, "after");
      assertThat(heard).allSatisfy(each -> assertThat(each.contents).doesNotContain("null"));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "true", disabledReason = LONG)
  void clientsThatStartWhileTheServerIsAwayGoOnWithTheirSnapshots() throws Exception {
    try (ServerApart server = ServerApart.launch(directory.toString()).awaitReady()) {
      try (Clients clients = Clients.at(server.place())) {
        publish(clients.of(ClientLine.V2_5_1), "away", "old");
        clients.withEach((line, client) -> assertThat(client.get("away", GROUP)).isEqualTo("old"));
      }
      server.kill();
      try (Clients clients = Clients.at(server.place())) {
        clients.withEach((line, client) -> assertThat(client.get("away", GROUP)).isEqualTo("old"));
        Collection<Heard> heard = listen(clients, "away");
        server.startAgain();
        publish(clients.of(ClientLine.V2_5_1), "away", "new");
        awaitAll(heard, "new");
        assertThat(heard).allSatisfy(each -> assertThat(each.contents).doesNotContain("null"));
      }
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "true", disabledReason = LONG)
  void whenTheirNodeDiesClientsMoveOnAndMissNothing() throws Exception {
    try (NatsServers nats = NatsServers.single();
        ServerApart one = ServerApart.launch(nats.urls());
        ServerApart other = ServerApart.launch(nats.urls())) {
      one.awaitReady();
      other.awaitReady();
      try (Clients clients = Clients.at(one.place() + "," + other.place());
          Clients ofOne = Clients.at(one.place());
          Clients ofOther = Clients.at(other.place())) {
        Collection<Heard> heard = listen(clients, "moved");
        Collection<Heard> onOther = listen(ofOther, "moved");
        publish(ofOne.of(ClientLine.V1_4_8), "moved", "1");
        awaitAll(heard, "1");
        awaitAll(onOther, "1"); // published on one, told on the other

        one.kill();
        publish(ofOther.of(ClientLine.V3_2_1), "moved", "2");
        awaitAll(heard, "2");
        one.startAgain();
        other.kill(); // so that each client has lost its own once
        publish(ofOne.of(ClientLine.V2_5_1), "moved", "3");
        awaitAll(heard, "3");
        assertThat(heard)
            .allSatisfy(each -> assertThat(each.contents).containsExactly("1", "2", "3"));
      }
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "long", matches = "true", disabledReason = LONG)
  void whileConfigsAreStillReadClientsGoOnWithTheirSnapshots() throws Exception {
    try (NacosServer server = new NacosServer();
        Clients clients = Clients.at(server.place())) {
      publish(clients.of(ClientLine.V2_5_1), "still.read", "1");
      Collection<Heard> heard = listen(clients, "still.read");
      awaitAll(heard, "1");
      server.configs.close(); // as before they are read
      soon().until(() -> !server.configs.isReady());
      try (Clients late = Clients.at(server.place())) {
        for (Clients each : List.of(clients, late)) {
          each.withEach(
              (line, client) -> assertThat(client.get("still.read", GROUP)).isEqualTo("1"));
        }
      }
      assertThat(heard).allSatisfy(each -> assertThat(each.contents).containsExactly("1"));
    }
  }
}
