package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SocketTest extends NativeTest {
  private Clients.Socket socket;

  @Override
  NativeOptions options() {
    NativeOptions usual = NativeOptions.DEFAULT;
    return new NativeOptions(
        usual.maxWaitMillis(),
        usual.retryMillis(),
        usual.frameBytes(),
        usual.frameMillis(),
        300,
        400,
        usual.publishesPerSocket(),
        usual.publishBytesPerSocket(),
        usual.batchLines(),
        usual.publishRate());
  }

  @BeforeEach
  void open() throws IOException {
    socket = new Clients.Socket(server().address, "/v1/updates");
  }

  @AfterEach
  void close() {
    socket.close();
  }

  /** The next that is no heartbeat. */
  private Map<String, Object> next() throws IOException {
    Map<String, Object> json = TestJson.object(Objects.requireNonNull(socket.text()));
    boolean beat = json.size() == 1 && "pong".equals(json.get("op"));
    return beat ? next() : json;
  }

  private Map<String, Object> ask(String text) throws IOException {
    socket.send(text);
    return next();
  }

  private static String string(Map<String, Object> json, String field) {
    return String.valueOf(json.get(field));
  }

  @Test
  void aReaderBeginsWithItsPlaceAndEndsWhenItIsTold() throws IOException {
    String before = publish("a", "before");
    socket.send("{\"op\":\"subscribe\",\"topics\":[\"a\",\"b/**\"],\"ref\":\"r 1\"}");
    assertThat(socket.text())
        .isEqualTo("{\"op\":\"done\",\"ref\":\"r 1\",\"next\":\"" + before + "\"}");
    publish("b/c", "1");
    assertThat(next()).containsEntry("op", "message").containsEntry("data", "1");
    assertThat(ask("{\"op\":\"unsubscribe\",\"ref\":\"r 1\"}")).containsEntry("op", "done");
    publish("a", "2");
    assertThat(ask("{\"op\":\"ping\",\"ref\":7}").toString()).isEqualTo("{op=pong, ref=7}");
    assertThat(server().hub().stats().readers()).isZero();
  }

  @Test
  void startsWhereItIsTold() throws IOException {
    String first = publish("a", "1");
    publish("a", "2");
    publish("a", "3");
    List<String> starts =
        List.of(
            "\"after\":0",
            "\"after\":\"0\"",
            "\"after\":\"" + first + "\"",
            "\"last\":2",
            "\"last\":3,\"only\":\"latest\"",
            "\"after\":\"@2026-01-01T00:00:00Z\"");
    List<String> expected = List.of("1", "1", "2", "2", "3", "1");
    for (int i = 0; i < starts.size(); i++) {
      Map<String, Object> done =
          ask("{\"op\":\"subscribe\",\"topic\":\"a\",\"ref\":1," + starts.get(i) + "}");
      assertThat(done).describedAs(starts.get(i)).containsEntry("op", "done");
      assertThat(next()).describedAs(starts.get(i)).containsEntry("data", expected.get(i));
      socket.send("{\"op\":\"unsubscribe\",\"ref\":1}");
      while (!next().get("op").equals("done")) {
        assertThat(socket.closeCode).isZero();
      }
    }
  }

  @Test
  void publishes() throws IOException {
    ask("{\"op\":\"subscribe\",\"topic\":\"a\",\"ref\":1}");
    socket.send("{\"op\":\"publish\",\"topic\":\"a\",\"data\":\"hi\",\"ref\":2}");
    List<Map<String, Object>> both = List.of(next(), next());
    Map<String, Object> done =
        both.stream().filter(json -> json.get("op").equals("done")).findFirst().orElseThrow();
    Map<String, Object> message =
        both.stream().filter(json -> json.get("op").equals("message")).findFirst().orElseThrow();
    assertThat(done).containsOnlyKeys("op", "ref", "topic", "id", "at");
    assertThat(message)
        .containsEntry("id", done.get("id"))
        .containsEntry("type", "text/plain; charset=utf-8")
        .containsEntry("data", "hi");
    ask("{\"op\":\"publish\",\"topic\":\"b\",\"data\":{\"n\": 1e2},\"ref\":3}");
    assertThat(get("/v1/topics/b").body()).isEqualTo("{\"n\": 1e2}");
    String id = string(done, "id");
    assertThat(ask("{\"op\":\"publish\",\"topic\":\"a\",\"data\":1,\"match\":\"x-0.1\",\"ref\":4}"))
        .containsEntry("code", "conditionFailed")
        .containsEntry("latest", id);
    assertThat(ask("{\"op\":\"publish\",\"topic\":\"b\",\"data\":1,\"key\":\"k\"}"))
        .containsEntry("op", "done")
        .doesNotContainKey("ref");
    assertThat(ask("{\"op\":\"publish\",\"topic\":\"b\",\"data\":2,\"key\":\"k\"}"))
        .containsEntry("code", "keyReused");
    assertThat(ask("{\"op\":\"publish\",\"topic\":\"small/a\",\"data\":\"0123456789x\"}"))
        .containsEntry("code", "tooLarge");
    assertThat(ask("{\"op\":\"publish\",\"topic\":\"$a\",\"data\":1}"))
        .containsEntry("code", "reserved");
  }

  @Test
  void answersComeInOrder() throws IOException {
    for (int i = 0; i < 500; i++) {
      socket.send("{\"op\":\"publish\",\"topic\":\"a\",\"data\":" + i + ",\"ref\":" + i + "}");
    }
    for (int i = 0; i < 500; i++) {
      assertThat(next()).extractingByKey("ref").hasToString("" + i);
    }
    assertThat(get("/v1/topics/a").body()).isEqualTo("499");
  }

  @Test
  void acknowledgesForAConsumer() throws IOException {
    ask("{\"op\":\"subscribe\",\"topic\":\"a\",\"consumer\":\"c\",\"ref\":1}");
    publish("a", "1");
    String id = string(next(), "id");
    assertThat(
            ask("{\"op\":\"ack\",\"consumer\":\"c\",\"id\":\"" + id + "\",\"ref\":2}").toString())
        .isEqualTo("{op=done, ref=2}");
    assertThat(get("/v1/consumers/c").json()).containsEntry("next", id);
  }

  @Test
  void aMistakeIsAnsweredAndTheConnectionLives() throws IOException {
    Map<String, String> mistakes =
        Map.ofEntries(
            Map.entry("", "malformed"),
            Map.entry("nonsense", "malformed"),
            Map.entry("[]", "malformed"),
            Map.entry("{}", "malformed"),
            Map.entry("{\"op\":7}", "malformed"),
            Map.entry("{\"op\":\"dance\"}", "unknownOp"),
            Map.entry("{\"op\":\"subscribe\"}", "malformed"),
            Map.entry("{\"op\":\"subscribe\",\"topic\":\"a#\"}", "malformed"),
            Map.entry("{\"op\":\"subscribe\",\"topic\":\"a\",\"after\":\"x\"}", "malformed"),
            Map.entry("{\"op\":\"subscribe\",\"topic\":\"a\",\"after\":0,\"last\":1}", "malformed"),
            Map.entry("{\"op\":\"subscribe\",\"topic\":\"a\",\"last\":0}", "malformed"),
            Map.entry("{\"op\":\"subscribe\",\"topic\":\"a\",\"color\":1}", "malformed"),
            Map.entry("{\"op\":\"subscribe\",\"topics\":\"a\"}", "malformed"),
            Map.entry("{\"op\":\"subscribe\",\"topics\":[1]}", "malformed"),
            Map.entry("{\"op\":\"unsubscribe\",\"ref\":9}", "unknownRef"),
            Map.entry("{\"op\":\"unsubscribe\"}", "unknownRef"),
            Map.entry("{\"op\":\"publish\",\"topic\":\"a\"}", "malformed"),
            Map.entry("{\"op\":\"ack\",\"consumer\":\"\",\"id\":\"e-0.1\"}", "malformed"),
            Map.entry("{\"op\":\"ping\",\"ref\":{}}", "malformed"),
            Map.entry("{\"op\":\"ping\",\"ref\":\"" + "x".repeat(99) + "\"}", "malformed"),
            Map.entry("{\"op\":\"ping\",\"op\":\"ping\"}", "malformed"));
    for (Map.Entry<String, String> mistake : mistakes.entrySet()) {
      Map<String, Object> said = ask(mistake.getKey());
      assertThat(said)
          .describedAs(mistake.getKey())
          .containsEntry("op", "error")
          .containsEntry("code", mistake.getValue())
          .containsKey("message");
    }
    assertThat(server().hub().stats().readers()).isZero();
  }

  @Test
  void aTopicBelongsToOneReader() throws IOException {
    ask("{\"op\":\"subscribe\",\"topics\":[\"a\",\"b/+\"],\"ref\":1}");
    assertThat(ask("{\"op\":\"subscribe\",\"topic\":\"b/c\",\"ref\":2}"))
        .containsEntry("code", "topicTaken");
    assertThat(ask("{\"op\":\"subscribe\",\"topic\":\"c\",\"ref\":1}"))
        .containsEntry("code", "refTaken");
    ask("{\"op\":\"unsubscribe\",\"ref\":1}");
    assertThat(ask("{\"op\":\"subscribe\",\"topic\":\"b/c\",\"ref\":2}"))
        .containsEntry("op", "done");
    assertThat(ask("{\"op\":\"subscribe\",\"topic\":\"d\"}"))
        .containsEntry("op", "done")
        .doesNotContainKey("ref");
    assertThat(ask("{\"op\":\"subscribe\",\"topic\":\"e\"}")).containsEntry("op", "done");
  }

  @Test
  void oneConnectionHasManyReadersButNotAnyNumber() throws IOException {
    for (int i = 0; i < 300; i++) {
      ask("{\"op\":\"subscribe\",\"topic\":\"many/" + i + "\",\"ref\":" + i + "}");
    }
    assertThat(ask("{\"op\":\"subscribe\",\"topic\":\"more\",\"ref\":300}"))
        .containsEntry("code", "tooManyReaders");
    for (int i = 0; i < 300; i++) {
      publish("many/" + i, "" + i);
    }
    List<String> got = new ArrayList<>();
    while (got.size() < 300) {
      Map<String, Object> json = next();
      if (json.get("op").equals("message")) {
        got.add(string(json, "data"));
      }
    }
    assertThat(got).doesNotHaveDuplicates();
    socket.close();
    Awaitility.await().untilAsserted(() -> assertThat(server().hub().stats().readers()).isZero());
  }

  @Test
  void aQuietReaderIsToldHowFarItHasHeard() throws IOException {
    ask("{\"op\":\"subscribe\",\"topic\":\"a\",\"ref\":1}");
    String id = publish("b", "elsewhere");
    Map<String, Object> told = next();
    assertThat(told).containsEntry("op", "done").containsEntry("next", id);
  }

  @Test
  void saysWhatWasMissed() throws IOException {
    String first = publish("few/a", "0");
    for (int i = 1; i < 6; i++) {
      publish("few/a", "" + i);
    }
    ask("{\"op\":\"subscribe\",\"topic\":\"few/a\",\"after\":\"" + first + "\",\"ref\":1}");
    String oldest = get("/v1/topics/few/a?inspect").text("oldest");
    assertThat(socket.text())
        .isEqualTo(
            "{\"op\":\"missed\",\"ref\":1,\"missed\":true,\"gaps\":[{\"topic\":\"few/a\",\"from\":\""
                + oldest
                + "\"}]}");
    assertThat(next()).containsEntry("data", "3");
  }

  @Test
  void goingDownClosesWith1012() throws IOException {
    ask("{\"op\":\"subscribe\",\"topic\":\"a\",\"ref\":1}");
    Thread down = new Thread(server()::shutdown);
    down.start();
    String text = socket.text();
    while (text != null) {
      text = socket.text();
    }
    assertThat(socket.closeCode).isEqualTo(1012);
    socket.close();
  }
}
