package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class PollingTest extends NativeTest {
  private void awaitHeld(int polls) {
    Awaitility.await().until(() -> server().hub().stats().polls() == polls);
  }

  @Test
  void aShortPollAnswersAtOnce() throws IOException {
    Answer empty = get("/v1/updates?topic=a");
    assertThat(empty.headers())
        .containsEntry("content-type", "application/json")
        .containsEntry("cache-control", "no-store");
    assertThat(empty.json()).containsOnlyKeys("messages", "next", "missed");
    publish("a", "1");
    Answer one = get("/v1/updates?topic=a&after=" + empty.text("next"));
    assertThat(one.data()).containsExactly("1");
    assertThat(one.text("next")).isEqualTo(one.messages().get(0).get("id"));
  }

  @Test
  void aPageThatIsCutSaysSo() throws IOException {
    for (int i = 0; i < 7; i++) {
      publish("a", "" + i);
    }
    Answer first = get("/v1/updates?topic=a&after=0&limit=4");
    assertThat(first.json()).containsEntry("more", true);
    Answer second = get("/v1/updates?topic=a&limit=4&after=" + first.text("next"));
    assertThat(second.data()).containsExactly("4", "5", "6");
    assertThat(second.json()).doesNotContainKey("more");
  }

  @Test
  void aLongPollIsHeldUntilThereIsSomething() throws IOException {
    try (RawConnection waiting = server().connect()) {
      waiting.get("/v1/updates?topic=a", "Prefer: respond-async, wait=30");
      awaitHeld(1);
      publish("a", "1");
      assertThat(waiting.head().status()).isEqualTo(200);
      assertThat(waiting.text()).contains("\"data\":\"1\"");
    }
    assertThat(get("/v1/updates?topic=a", "Prefer: wait=soon").status()).isEqualTo(200);
  }

  @Test
  void anEmptyLongPollIsAnsweredBeforeItsWaitIsOver() throws IOException {
    long begin = System.nanoTime();
    Answer answer = get("/v1/updates?topic=a&wait=1");
    long millis = (System.nanoTime() - begin) / 1_000_000;
    assertThat(answer.data()).isEmpty();
    assertThat(millis).isGreaterThanOrEqualTo(750);
  }

  @Test
  void waitsAreSpreadAndShortened() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waits.add(UpdatesHandler.jittered(100_000, NativeOptions.DEFAULT));
    }
    assertThat(waits).allMatch(wait -> wait >= 48_000 && wait <= 60_000);
    assertThat(waits.stream().distinct().count()).isGreaterThan(500);
    assertThat(UpdatesHandler.jittered(0, NativeOptions.DEFAULT)).isZero();
  }

  @Test
  void pollsThatAreHeldForTheSameShareTheirAnswerAndAllGetIt() throws IOException {
    List<RawConnection> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RawConnection connection = server().connect();
      connection.get("/v1/updates?topic=a&wait=30" + (i % 2 == 0 ? "&topic=b" : ""));
      waiting.add(connection);
    }
    awaitHeld(50);
    publish("a", "1");
    for (RawConnection connection : waiting) {
      assertThat(connection.head().status()).isEqualTo(200);
      assertThat(connection.text()).contains("\"data\":\"1\"");
      connection.close();
    }
  }

  @Test
  void goingDownAnswersHeldPollsWithTheirPlace() throws IOException {
    publish("a", "1");
    try (RawConnection waiting = server().connect()) {
      waiting.get("/v1/updates?topic=a&wait=30");
      awaitHeld(1);
      server().shutdown();
      assertThat(waiting.head().status()).isEqualTo(200);
      assertThat(TestJson.object(waiting.text()))
          .containsKey("next")
          .containsEntry("missed", false);
    }
  }

  @Test
  void theNewestOfATopicThenWhatIsBeforeThem() throws IOException {
    for (int i = 0; i < 10; i++) {
      publish("a", "" + i);
      publish("b", "not wanted");
    }
    Answer last = get("/v1/updates?topic=a&last=3");
    assertThat(last.data()).containsExactly("7", "8", "9");
    Answer before = get("/v1/updates?topic=a&limit=4&before=" + last.messages().get(0).get("id"));
    assertThat(before.data()).containsExactly("3", "4", "5", "6");
    assertThat(before.text("next")).isEqualTo(before.messages().get(0).get("id"));
    assertThat(before.json()).containsEntry("more", true);
    Answer first = get("/v1/updates?topic=a&limit=4&before=" + before.text("next"));
    assertThat(first.data()).containsExactly("0", "1", "2");
  }

  @Test
  void sinceATime() throws IOException {
    publish("a", "1");
    assertThat(get("/v1/updates?topic=a&after=@2026-01-01T00:00:00%2B01:00").data())
        .containsExactly("1");
    assertThat(get("/v1/updates?topic=a&after=@2026-01-01T00:00:00+01:00").data())
        .containsExactly("1");
    assertThat(get("/v1/updates?topic=a&after=@2999-01-01T00:00:00Z").data()).isEmpty();
  }

  @Test
  void whereItGotToWinsOverWhereItBegan() throws IOException {
    publish("a", "1");
    String second = publish("a", "2");
    publish("a", "3");
    String header = "Last-Event-ID: " + second;
    assertThat(get("/v1/updates?topic=a&after=0", header).data()).containsExactly("3");
    assertThat(get("/v1/updates?topic=a&after=0&lastEventId=" + second).data())
        .containsExactly("3");
    assertThat(get("/v1/updates?topic=a&lastEventId=" + second, "Last-Event-ID: ").data())
        .containsExactly("3");
    assertThat(get("/v1/updates?topic=a&consumer=c", header).data()).containsExactly("3");
  }

  @Test
  void aHeadIsAnsweredWithoutWaiting() throws IOException {
    assertThat(call("HEAD", "/v1/updates?topic=a&wait=30", "").status()).isEqualTo(200);
    Answer stream = call("HEAD", "/v1/updates?topic=a", "", "Accept: text/event-stream");
    assertThat(stream.headers()).containsEntry("content-type", "text/event-stream");
  }

  @Test
  void theTechniqueIsTheOneThatTheClientLikesBest() throws IOException {
    assertThat(
            get("/v1/updates?topic=a", "Accept: text/event-stream;q=0.1, application/json")
                .status())
        .isEqualTo(200);
    assertThat(
            call(
                    "HEAD",
                    "/v1/updates?topic=a",
                    "",
                    "Accept: application/json;q=0.5, "
                        + "application/x-ndjson;q=0.9, text/event-stream;q=0")
                .headers())
        .containsEntry("content-type", "application/x-ndjson");
    assertThat(get("/v1/updates?topic=a", "Accept: */*").headers())
        .containsEntry("content-type", "application/json");
  }
}
