package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Being somewhere for as long as one reads. */
final class PresenceTest extends NativeTest {
  private static final String WHO_IS_THERE =
      "/v1/updates?topic=$presence/room/*/*&after=0&only=latest";

  private List<String> there() {
    try {
      return get(WHO_IS_THERE).messages().stream()
          .filter(message -> !message.containsKey("deleted"))
          .map(message -> String.valueOf(message.get("topic")))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitThere(String... expected) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(there()).containsExactly(expected));
  }

  @Test
  void whoReadsAStreamIsThereUntilItEnds() throws Exception {
    try (RawConnection alice = server().connect()) {
      alice.get(
          "/v1/updates?topic=a&presence=room&as=alice&device=phone", "Accept: text/event-stream");
      assertThat(alice.head().status()).isEqualTo(200);
      awaitThere("$presence/room/alice/phone");
      assertThat(get(WHO_IS_THERE).messages().get(0).get("data").toString())
          .contains("as=alice", "device=phone", "door=sse", "since=2");
    }
    awaitThere();
  }

  @Test
  void whoPollsIsThere() throws Exception {
    assertThat(get("/v1/updates?topic=a&presence=room&as=bob&device=x").status()).isEqualTo(200);
    awaitThere("$presence/room/bob/x");
  }

  @Test
  void whoReadsLinesOrAFrameIsThereUntilItEnds() throws Exception {
    try (RawConnection lines = server().connect();
        RawConnection frame = server().connect()) {
      lines.get(
          "/v1/updates?topic=a&presence=room&as=lea&device=1", "Accept: application/x-ndjson");
      frame.get("/v1/updates?topic=a&presence=room&as=fay&device=2&format=frame&callback=f");
      assertThat(lines.head().status()).isEqualTo(200);
      assertThat(frame.head().status()).isEqualTo(200);
      awaitThere("$presence/room/fay/2", "$presence/room/lea/1");
    }
    awaitThere();
  }

  @Test
  void whoIsHeldIsThereAndComesBackUnnoticed() throws Exception {
    try (RawConnection held = server().connect()) {
      held.get("/v1/updates?topic=a&presence=room&as=pia&device=1&wait=60");
      awaitThere("$presence/room/pia/1");
      String written = get(WHO_IS_THERE).text("next");
      publish("a", "an answer");
      assertThat(held.head().status()).isEqualTo(200);
      assertThat(held.text()).contains("an answer");
      held.get("/v1/updates?topic=a&presence=room&as=pia&device=1&wait=60");
      await(() -> get("/v1/connections?door=poll").text("connections").contains("as=pia"));
      Answer since = get("/v1/updates?topic=$presence/room/*/*&after=" + written);
      assertThat(since.messages()).isEmpty();
    }
    awaitThere(); // 10 s after the poll was broken off
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  @Test
  void aWebSocketJoinsAndLeaves() throws Exception {
    try (Clients.Socket socket =
        new Clients.Socket(server().address, "/v1/updates?presence=room&as=carol&device=1")) {
      awaitThere("$presence/room/carol/1");
      socket.send(
          "{\"op\":\"join\",\"presence\":\"room\",\"as\":\"dave\",\"device\":\"2\",\"ref\":1}");
      awaitThere("$presence/room/carol/1", "$presence/room/dave/2");
      socket.send("{\"op\":\"leave\",\"ref\":1}");
      awaitThere("$presence/room/carol/1");
    }
    awaitThere();
  }

  @Test
  void halfAPresenceIsRefused() throws Exception {
    for (String bad :
        List.of("presence=room", "as=a", "presence=room&as=a/b", "presence=room&as=%23")) {
      assertThat(get("/v1/updates?topic=a&" + bad).status()).as(bad).isEqualTo(400);
    }
    assertThat(post("/v1/topics/$presence/room/eve/1", "{}").status()).isEqualTo(403);
  }
}
