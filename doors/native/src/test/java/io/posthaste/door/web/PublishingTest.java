package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.list;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PublishingTest extends NativeTest {
  @Test
  void answersWhereTheMessageIs() throws IOException {
    Answer answer = post("/v1/topics/a/b", "hi", "Content-Type: text/plain");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json()).containsOnlyKeys("topic", "id", "at").containsEntry("topic", "a/b");
    assertThat(answer.headers()).containsEntry("etag", '"' + answer.text("id") + '"');
    assertThat(answer.text("at")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  }

  @Test
  void aConfigSaysWhoPublishedItAndFromWhere() throws IOException {
    String line =
        "{\"topic\":\"config/public/G/a\",\"data\":1,"
            + "\"headers\":{\"author\":\"ann\",\"address\":\"10.0.0.9\"}}";
    post("/v1/batch", line, "Content-Type: application/x-ndjson");
    post("/v1/topics/config/public/G/a", "2");
    call("DELETE", "/v1/topics/config/public/G/a", "");
    assertThat(get("/v1/updates?topic=config/public/G/a&after=0").json().get("messages"))
        .asInstanceOf(list(Map.class))
        .extracting(message -> message.get("headers"))
        .containsExactly(
            Map.of("author", "ann", "address", "127.0.0.1"), // on an open server, who he says
            Map.of("address", "127.0.0.1"),
            Map.of("address", "127.0.0.1"));
  }

  @Test
  void theTopicIsPercentDecoded() throws IOException {
    assertThat(post("/v1/topics/a%2Fb%20c/%E2%82%AC", "hi").json())
        .containsEntry("topic", "a/b c/€");
    assertThat(get("/v1/topics/a/b%20c/%e2%82%ac").body()).isEqualTo("hi");
    assertThat(post("/v1/topics/", "hi").status()).isEqualTo(400);
    assertThat(post("/v1/topics/a+b", "hi").text("detail")).contains("'+'");
    assertThat(post("/v1/topics/a%zz", "hi").text("detail")).contains("percent-encoding");
    assertThat(post("/v1/topics/a?color=red", "hi").text("detail")).contains("\"color\"");
  }

  @Test
  void whatClaimsToBeJsonMustBe() throws IOException {
    String type = "Content-Type: application/json";
    assertThat(post("/v1/topics/a", "{\"n\": 1}\n", type).status()).isEqualTo(201);
    assertThat(get("/v1/topics/a").body()).isEqualTo("{\"n\": 1}\n");
    for (String bad : List.of("", "{", "{} {}", "{\"a\":}", "[1,]", "nul", "\"\u0001\"", "'a'")) {
      Answer answer = post("/v1/topics/a", bad, type);
      assertThat(answer.status()).describedAs(bad).isEqualTo(400);
      assertThat(answer.text("detail")).startsWith("body: ");
    }
    assertThat(post("/v1/topics/a", "[".repeat(300), type).text("detail")).contains("epth");
    assertThat(call("POST", "/v1/topics/a", new byte[] {'"', (byte) 0xff, '"'}, type).status())
        .isEqualTo(400);
  }

  @Test
  void publishesOnlyIfTheLatestIsWhatItShouldBe() throws IOException {
    assertThat(post("/v1/topics/a", "1", "If-None-Match: *").status()).isEqualTo(201);
    Answer second = post("/v1/topics/a", "2", "If-None-Match: *");
    assertThat(second.status()).isEqualTo(412);
    String tag = second.headers().get("etag");
    assertThat(second.text("code")).isEqualTo("conditionFailed");
    Answer third = post("/v1/topics/a", "3", "If-Match: " + tag);
    assertThat(third.status()).isEqualTo(201);
    Answer fourth = post("/v1/topics/a", "4", "If-Match: " + tag);
    assertThat(fourth.status()).isEqualTo(412);
    assertThat(fourth.headers()).containsEntry("etag", third.headers().get("etag"));
    assertThat(get("/v1/topics/a").body()).isEqualTo("3");
    assertThat(post("/v1/topics/none", "1", "If-Match: *").status()).isEqualTo(412);
    assertThat(post("/v1/topics/a", "5", "If-Match: *").status()).isEqualTo(201);
  }

  @Test
  void refusesConditionsThatMakeNoSense() throws IOException {
    assertThat(post("/v1/topics/a", "1", "If-Match: abc").status()).isEqualTo(400);
    assertThat(post("/v1/topics/a", "1", "If-Match: \"nonsense\"").status()).isEqualTo(400);
    assertThat(post("/v1/topics/a", "1", "If-None-Match: \"e-0.1\"").status()).isEqualTo(400);
    assertThat(post("/v1/topics/a", "1", "If-None-Match: *", "If-Match: *").status())
        .isEqualTo(400);
    assertThat(get("/v1/topics/a").status()).isEqualTo(404);
  }

  @Test
  void aKeyMakesARetryHarmless() throws IOException {
    Answer first = post("/v1/topics/a", "1", "Idempotency-Key: k");
    Answer again = post("/v1/topics/a", "1", "Idempotency-Key: k");
    assertThat(again).isEqualTo(new Answer(201, again.headers(), first.body()));
    Answer other = post("/v1/topics/a", "2", "Idempotency-Key: k");
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.text("code")).isEqualTo("keyReused");
    assertThat(get("/v1/updates?topic=a&after=0").data()).containsExactly("1");
    assertThat(post("/v1/topics/a", "1", "Idempotency-Key: " + "k".repeat(257)).status())
        .isEqualTo(400);
  }

  @Test
  void whatIsTooLargeIsRefused() throws IOException {
    assertThat(post("/v1/topics/small/a", "0123456789").status()).isEqualTo(201);
    Answer answer = post("/v1/topics/small/a", "0123456789x");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.text("detail")).contains("10 bytes");
  }

  @Test
  void theServersOwnTopicsAreNotForClients() throws IOException {
    assertThat(post("/v1/topics/$consumers/a", "1").status()).isEqualTo(403);
    assertThat(call("DELETE", "/v1/topics/$a", "").text("code")).isEqualTo("reserved");
  }

  @Test
  void aLogThatCannotTakeItIsSaid() throws IOException {
    log().close();
    Answer answer = post("/v1/topics/a", "1");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.headers()).containsEntry("retry-after", "1");
    assertThat(answer.text("code")).isEqualTo("unavailable");
  }

  @Test
  void refusesAContentEncodingThatReadersWouldNotSee() throws IOException {
    assertThat(post("/v1/topics/a", "x", "Content-Encoding: gzip").status()).isEqualTo(400);
  }

  @Test
  void deletesOnce() throws IOException {
    String id = publish("a", "1");
    assertThat(call("DELETE", "/v1/topics/a", "", "If-Match: \"e-0.1\"").status()).isEqualTo(412);
    Answer gone = call("DELETE", "/v1/topics/a", "", "If-Match: \"" + id + '"');
    assertThat(gone.status()).isEqualTo(204);
    assertThat(call("DELETE", "/v1/topics/a", "").status()).isEqualTo(204);
    String tag = gone.headers().get("etag");
    assertThat(call("DELETE", "/v1/topics/a", "", "If-Match: " + tag).status()).isEqualTo(204);
    assertThat(call("DELETE", "/v1/topics/never", "").status()).isEqualTo(204);
    assertThat(get("/v1/topics/a").status()).isEqualTo(404);
    List<Map<String, Object>> messages = get("/v1/updates?topic=a&after=0").messages();
    assertThat(messages).hasSize(2);
    assertThat(messages.get(1)).containsEntry("deleted", true).doesNotContainKey("data");
    assertThat(post("/v1/topics/a", "2", "If-None-Match: *").status()).isEqualTo(201);
  }

  @Test
  void aBatchIsAnsweredLineByLine() throws IOException {
    String lines =
        """
        {"topic":"a","data":"text"}
        {"topic":"b","data":{"n":[1, 2]},"headers":{"h":"v"}}
        {"topic":"c","data":"aGk=","type":"image/png","encoding":"base64"}

        {"topic":"a#","data":1}
        not json
        {"topic":"$a","data":1}
        {"topic":"a","data":1,"match":"none"}
        {"topic":"a","data":2,"color":"red"}
        {"topic":"small/a","data":"0123456789x"}
        {"topic":"a","data":3,"match":"*","key":"k"}
        {"topic":"a","data":3,"key":"k"}""";
    Answer answer = post("/v1/batch", lines);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers()).containsEntry("content-type", "application/x-ndjson");
    List<Map<String, Object>> said = answer.body().lines().map(TestJson::object).toList();
    assertThat(said.stream().map(line -> line.containsKey("id") ? "ok" : line.get("code")))
        .containsExactly(
            "ok",
            "ok",
            "ok",
            "malformed",
            "malformed",
            "reserved",
            "conditionFailed",
            "malformed",
            "tooLarge",
            "ok",
            "ok");
    assertThat(said.get(10)).isEqualTo(said.get(9));
    List<Map<String, Object>> messages =
        get("/v1/updates?topic=a&topic=b&topic=c&after=0").messages();
    assertThat(messages).hasSize(4);
    assertThat(messages.get(0))
        .containsEntry("data", "text")
        .containsEntry("type", "text/plain; charset=utf-8");
    assertThat(messages.get(1))
        .containsEntry("headers", Map.of("h", "v"))
        .containsEntry("type", "application/json");
    assertThat(messages.get(2)).containsEntry("encoding", "base64").containsEntry("data", "aGk=");
    assertThat(post("/v1/batch", "").body()).isEmpty();
  }

  @Test
  void aLineSaysWhatIsWrongWithIt() throws IOException {
    for (var bad :
        Map.of(
                "{\"data\":1}", "topic: missing",
                "{\"topic\":\"a\"}", "data: missing",
                "{\"topic\":1,\"data\":1}", "expected: a string",
                "{\"topic\":\"a\",\"data\":1,\"type\":\"text/plain\"}", "expected: a string",
                "{\"topic\":\"a\",\"data\":\"x\",\"type\":\"image/png\"}", "base64",
                "{\"topic\":\"a\",\"data\":\"=\",\"type\":\"image/png\",\"encoding\":\"base64\"}",
                    "not base64",
                "{\"topic\":\"a\",\"data\":1,\"data\":2}", "twice",
                "{\"topic\":\"a\",\"data\":1,\"headers\":{\"a b\":\"\"}}", "headers",
                "{\"topic\":\"a\",\"data\":\"\\ud800\"}", "surrogate",
                "[1]", "expected: {")
            .entrySet()) {
      Map<String, Object> said = TestJson.object(post("/v1/batch", bad.getKey()).body());
      assertThat(said).containsEntry("code", "malformed");
      assertThat(String.valueOf(said.get("detail")))
          .describedAs(bad.getKey())
          .contains(bad.getValue());
    }
  }

  @Test
  void otherMethodsAreRefusedWithThoseThatThereAre() throws IOException {
    Answer answer = call("PUT", "/v1/topics/a", "x");
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.headers().get("allow")).contains("GET", "POST", "DELETE");
    assertThat(call("OPTIONS", "/v1/updates", "").headers().get("allow")).contains("GET");
  }
}
