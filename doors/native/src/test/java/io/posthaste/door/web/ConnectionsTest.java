package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is connected, and how the list of them is asked for. */
final class ConnectionsTest extends NativeTest {
  private List<Map<String, Object>> connections(String query) {
    try {
      Answer answer = get("/v1/connections" + query);
      assertThat(answer.status()).isEqualTo(200);
      return TestJson.objects(answer.json().get("connections"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<Object> doors(String query) {
    return connections(query).stream().map(connection -> connection.get("door")).toList();
  }

  private void awaitDoors(String query, Object... expected) {
    await().untilAsserted(() -> assertThat(doors(query)).containsExactlyInAnyOrder(expected));
  }

  private RawConnection reading(String target, String... headers) throws IOException {
    RawConnection connection = server().connect();
    connection.get(target, headers);
    return connection;
  }

  @Test
  void tellsWhoReadsWhatByWhichDoor() throws Exception {
    try (RawConnection sse =
            reading(
                "/v1/updates?topic=a&topic=b/**&presence=room&as=alice&device=1",
                "Accept: text/event-stream");
        RawConnection lines = reading("/v1/updates?topic=a", "Accept: application/x-ndjson");
        RawConnection frame = reading("/v1/updates?topic=c&format=frame&callback=f");
        RawConnection poll = reading("/v1/updates?topic=b/c&wait=60&presence=hall&as=bob");
        Clients.Socket socket =
            new Clients.Socket(
                server().address, "/v1/updates?topic=d&presence=r&as=eve&device=2")) {
      // And this test's own connection, which asks.
      awaitDoors("", "http", "sse", "ndjson", "iframe", "poll", "ws");
      awaitDoors("?topic=b/x", "sse");
      awaitDoors("?topic=b/**", "sse", "poll");
      awaitDoors("?topic=a", "sse", "ndjson");
      awaitDoors("?door=ws", "ws");
      awaitDoors("?door=ws&topic=a");
      assertThat(connections("?door=sse").get(0).toString())
          .contains("topicCount=2", "topics=[a, b/#]", "as=alice", "place=room", "device=1")
          .contains("since=2", "client=127.0.0.1:");
      assertThat(connections("?door=ws").get(0).toString()).contains("as=eve", "topics=[d]");
      assertThat(connections("?door=poll").get(0).toString()).contains("as=bob");

      Answer all = get("/v1/connections?limit=1");
      Map<String, Object> node = TestJson.objects(all.json().get("nodes")).get(0);
      assertThat(node).extractingByKey("connections").hasToString("6");
      assertThat(node.get("doors")).asString().contains("sse=1", "http=1");
      assertThat(all.json()).containsEntry("more", true).doesNotContainKey("silent");
      String name = String.valueOf(node.get("node"));
      assertThat(doors("?node=" + name)).hasSize(6);
      assertThat(doors("?node=another")).isEmpty();
    }
    awaitDoors("", "http");
  }

  @Test
  void isReadPageByPage() throws Exception {
    List<RawConnection> all = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        all.add(reading("/v1/updates?topic=t/" + i, "Accept: text/event-stream"));
      }
      await().until(() -> doors("?topic=t/*&limit=1000").size() == 30);
      Set<Object> seen = new HashSet<>();
      String after = "";
      boolean more = true;
      while (more) {
        Answer page = get("/v1/connections?topic=t/*&limit=7" + after);
        for (Map<String, Object> connection : TestJson.objects(page.json().get("connections"))) {
          assertThat(seen.add(connection.get("client"))).isTrue();
        }
        after = "&after=" + page.text("next");
        more = page.json().containsKey("more");
      }
      assertThat(seen).hasSize(30);
      assertThat(connections("?topic=t/*" + after)).isEmpty();
    } finally {
      all.forEach(RawConnection::close);
    }
  }

  @Test
  void whatIsAskedWronglyIsRefused() throws Exception {
    for (String bad :
        List.of(
            "limit=0", "limit=1001", "after=x", "after=", "after=a:b", "topic=a%23", "who=me")) {
      assertThat(get("/v1/connections?" + bad).status()).as(bad).isEqualTo(400);
    }
    assertThat(post("/v1/connections", "").status()).isEqualTo(405);
  }
}
