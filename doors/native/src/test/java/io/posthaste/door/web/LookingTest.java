package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class LookingTest extends NativeTest {
  private void awaitHeld() {
    Awaitility.await().until(() -> server().hub().stats().polls() == 1);
  }

  @Test
  void theLatestIsThePayloadItself() throws IOException {
    post("/v1/topics/a", "<b>", "Content-Type: text/html; charset=utf-8");
    Answer answer = get("/v1/topics/a");
    assertThat(answer.body()).isEqualTo("<b>");
    assertThat(answer.headers())
        .containsEntry("content-type", "text/html; charset=utf-8")
        .containsEntry("x-content-type-options", "nosniff")
        .containsEntry("content-security-policy", "sandbox");
    Answer head = call("HEAD", "/v1/topics/a", "");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.headers())
        .containsEntry("content-length", "3")
        .containsEntry("etag", answer.headers().get("etag"));
    post("/v1/topics/untyped", "x");
    assertThat(get("/v1/topics/untyped").headers())
        .containsEntry("content-type", "application/octet-stream");
  }

  @Test
  void anOlderOneIsFoundByItsId() throws IOException {
    String first = publish("a", "1");
    publish("a", "2");
    assertThat(get("/v1/topics/a?id=" + first).body()).isEqualTo("1");
    assertThat(get("/v1/topics/b?id=" + first).status()).isEqualTo(404);
    assertThat(get("/v1/topics/a?id=other-0.1").status()).isEqualTo(404);
    assertThat(get("/v1/topics/a?id=x").status()).isEqualTo(400);
    assertThat(get("/v1/topics/a?id=" + first + "&wait=3").status()).isEqualTo(400);
  }

  @Test
  void whatIsKnownIsNotSentAgain() throws IOException {
    String id = publish("a", "1");
    Answer same = get("/v1/topics/a", "If-None-Match: W/\"x\", \"" + id + '"');
    assertThat(same.status()).isEqualTo(304);
    assertThat(same.headers()).containsEntry("etag", '"' + id + '"');
    assertThat(get("/v1/topics/a", "If-None-Match: \"x\"").status()).isEqualTo(200);
    assertThat(get("/v1/topics/none", "If-None-Match: \"x\"").status()).isEqualTo(404);
  }

  @Test
  void whatIsKnownIsHeldUntilItChanges() throws Exception {
    String id = publish("a", "1");
    try (RawConnection waiting = server().connect()) {
      waiting.get("/v1/topics/a?wait=30", "If-None-Match: \"" + id + '"');
      awaitHeld();
      publish("b", "not this");
      String second = publish("a", "2");
      assertThat(waiting.head().headers()).containsEntry("etag", '"' + second + '"');
      assertThat(waiting.text()).isEqualTo("2");
      waiting.get("/v1/topics/a?wait=30", "If-None-Match: \"" + second + '"');
      awaitHeld();
      call("DELETE", "/v1/topics/a", "");
      HttpConnection.Head gone = waiting.head();
      assertThat(gone.status()).isEqualTo(404);
      waiting.text();
      String tombstone = gone.headers().get("etag");
      waiting.get("/v1/topics/a?wait=30", "If-None-Match: \"" + second + '"');
      assertThat(waiting.head().status()).isEqualTo(404);
      waiting.text();
      waiting.get("/v1/topics/a?wait=30", "If-None-Match: " + tombstone);
      awaitHeld();
      publish("a", "3");
      assertThat(waiting.head().status()).isEqualTo(200);
      assertThat(waiting.text()).isEqualTo("3");
    }
  }

  @Test
  void aWaitThatEndsSaysNothingNew() throws IOException {
    String id = publish("a", "1");
    long begin = System.nanoTime();
    assertThat(get("/v1/topics/a?wait=0.5", "If-None-Match: \"" + id + '"').status())
        .isEqualTo(304);
    assertThat(get("/v1/topics/none?wait=0.5").status()).isEqualTo(404);
    assertThat(System.nanoTime() - begin).isGreaterThan(800_000_000L);
    assertThat(get("/v1/topics/a?wait=30").body()).isEqualTo("1");
  }

  @Test
  void anAbsentTopicIsHeldUntilItIsThere() throws IOException {
    try (RawConnection waiting = server().connect()) {
      waiting.get("/v1/topics/a?wait=30");
      awaitHeld();
      publish("a", "1");
      assertThat(waiting.head().status()).isEqualTo(200);
      assertThat(waiting.text()).isEqualTo("1");
    }
  }

  @Test
  void listsTopicsByPages() throws IOException {
    for (String topic : List.of("a/1", "a/2", "a/3", "b")) {
      publish(topic, "x");
    }
    call("DELETE", "/v1/topics/a/2", "");
    Answer first = get("/v1/topics?prefix=a/&limit=2");
    assertThat(TestJson.objects(first.json().get("topics")))
        .extracting(topic -> topic.get("topic"))
        .containsExactly("a/1", "a/2");
    assertThat(TestJson.objects(first.json().get("topics")).get(1)).containsEntry("deleted", true);
    assertThat(first.json()).containsEntry("next", "a/2").containsEntry("more", true);
    Answer second = get("/v1/topics?prefix=a/&limit=2&after=" + first.text("next"));
    assertThat(TestJson.objects(second.json().get("topics"))).hasSize(1);
    assertThat(second.json()).containsEntry("next", "a/3").doesNotContainKey("more");
    Answer last = get("/v1/topics?prefix=a/&after=a/3");
    assertThat(last.body()).isEqualTo("{\"topics\":[],\"next\":\"a/3\"}\n");
    assertThat(get("/v1/topics?limit=0").status()).isEqualTo(400);
  }

  @Test
  void inspectsATopic() throws IOException {
    String first = publish("few/a", "1");
    String second = publish("few/a", "22");
    try (RawConnection reader = server().connect()) {
      reader.get("/v1/updates?topic=few/a", "Accept: text/event-stream");
      reader.head();
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(get("/v1/topics/few/a?inspect").text("readers")).isEqualTo("1"));
    }
    Map<String, Object> found = get("/v1/topics/few/a?inspect").json();
    assertThat(found).containsEntry("oldest", first).containsEntry("latest", second);
    assertThat(found).extractingByKey("count").hasToString("2");
    assertThat(found).extractingByKey("bytes").hasToString("3");
    assertThat(found.get("policy")).asString().contains("count=3", "ageSeconds=604800");
    assertThat(get("/v1/topics/none?inspect").json())
        .containsOnlyKeys("topic", "readers", "behind", "policy", "nodes");
  }

  @Test
  void aConsumerIsRememberedAndMoves() throws IOException {
    assertThat(get("/v1/consumers/c").status()).isEqualTo(404);
    assertThat(get("/v1/updates?topic=a&consumer=c").data()).isEmpty();
    String first = publish("a", "1");
    publish("a", "2");
    assertThat(get("/v1/updates?topic=a&consumer=c").data()).containsExactly("1", "2");
    assertThat(post("/v1/consumers/c", "{\"ack\":\"" + first + "\"}").status()).isEqualTo(204);
    assertThat(get("/v1/updates?topic=a&consumer=c").data()).containsExactly("2");
    assertThat(get("/v1/consumers/c").json())
        .containsEntry("consumer", "c")
        .containsEntry("next", first);
    assertThat(post("/v1/consumers/c", "{\"ack\":1}").status()).isEqualTo(400);
    assertThat(post("/v1/consumers/c", "{\"ack\":\"x\"}").status()).isEqualTo(400);
    assertThat(call("DELETE", "/v1/consumers/c", "").status()).isEqualTo(204);
    assertThat(get("/v1/consumers/c").status()).isEqualTo(404);
    assertThat(call("DELETE", "/v1/consumers/c", "").status()).isEqualTo(204);
  }
}
