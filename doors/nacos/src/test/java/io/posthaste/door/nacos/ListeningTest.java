package io.posthaste.door.nacos;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.Md5;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.door.nacos.Listening.Spelling;
import io.posthaste.server.PercentCoding;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Polls, short and long. */
final class ListeningTest {
  private static final String[] LONG = {"Long-pulling-timeout", "30000"};
  private static final String F = "\u0002";
  private static final String E = "\u0001";

  private NacosServer server;

  @BeforeEach
  void start() throws Exception {
    server = new NacosServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static String md5(String content) {
    return Md5.of(Payload.of(content)).toString();
  }

  private int parked() {
    return server.door.listened();
  }

  private static HttpResponse<String> answer(CompletableFuture<HttpResponse<String>> poll)
      throws Exception {
    return poll.get(20, SECONDS);
  }

  private CompletableFuture<HttpResponse<String>> park(String listening) {
    int before = parked();
    CompletableFuture<HttpResponse<String>> poll = server.listen(listening, LONG);
    await().until(() -> parked() > before);
    assertThat(poll).isNotDone();
    return poll;
  }

  @Test
  void whatDiffersIsToldAtOnceAsTheClientSpeltIt() throws Exception {
    server.publish("a", "1");
    server.publish("b", "1");
    String listening =
        "a" + F + "G" + F + E + "b" + F + "G" + F + md5("1") + E + "a" + F + "G" + F + md5("0") + F
            + "public" + E + "a" + F + "G" + F + md5("0") + F + E;
    HttpResponse<String> told = answer(server.listen(listening, LONG));
    assertThat(told.body()).isEqualTo("a%02G%01a%02G%02public%01a%02G%02%01\n");
    assertThat(told.statusCode()).isEqualTo(200);
  }

  @Test
  void aPollThatMustNotHangIsAnsweredWithNothing() throws Exception {
    HttpResponse<String> told =
        answer(
            server.listen(
                "a" + F + "G" + F + E,
                "long-pulling-timeout",
                "30000",
                "LONG-PULLING-TIMEOUT-NO-HANGUP",
                "true"));
    assertThat(told.statusCode()).isEqualTo(200);
    assertThat(told.body()).isEmpty();
  }

  @Test
  void aParkedPollIsToldOfItsConfigAndOfNoOther() throws Exception {
    server.publish("a", "1");
    var poll = park("a" + F + "G" + F + md5("1") + F + "public" + E + "c" + F + "G" + F + E);
    server.publish("other", "2");
    server.publish("a", "1"); // a new version of the same content is no change
    server.publish("c", "2");
    assertThat(answer(poll).body()).isEqualTo("c%02G%01\n");
    await().until(() -> parked() == 0);
  }

  @Test
  void aDeletionIsToldToo() throws Exception {
    server.publish("a", "1");
    var poll = park("a" + F + "G" + F + md5("1") + E);
    server.delete("/cs/configs?dataId=a&group=G");
    assertThat(answer(poll).body()).isEqualTo("a%02G%01\n");
  }

  @Test
  void manyWhoWaitForOneConfigAreAllTold() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> polls =
        java.util.stream.IntStream.range(0, 600)
            .mapToObj(i -> server.listen("a" + F + "G" + F + E, LONG))
            .toList();
    await().atMost(Duration.ofSeconds(30)).until(() -> parked() == 600);
    server.publish("a", "1");
    for (var poll : polls) {
      assertThat(answer(poll).body()).isEqualTo("a%02G%01\n");
    }
    await().until(() -> parked() == 0);
  }

  @Test
  void aClientThatGoesLeavesNothing() throws Exception {
    server.publish("a", "1");
    var poll = park("a" + F + "G" + F + md5("1") + E);
    poll.cancel(true);
    await().until(() -> parked() == 0);
  }

  @Test
  void aServerThatGoesAnswersWithNothing() throws Exception {
    var poll = park("a" + F + "G" + F + E);
    server.close();
    assertThat(answer(poll).body()).isEmpty();
    server = new NacosServer();
  }

  @Test
  void oneThatDoesNotWaitIsToldInHeadersToo() throws Exception {
    server.publish("a", "1");
    HttpResponse<String> told = answer(server.listen("a" + F + "G" + F + E));
    assertThat(told.body()).isEqualTo("a%02G%01\n");
    assertThat(told.headers().firstValue("Probe-Modify-Response")).contains("a:G;");
    assertThat(told.headers().firstValue("Probe-Modify-Response-New")).contains("a%02G%01");
  }

  @Test
  void moreThanMayBeListenedToIsRefusedForNow() throws Exception {
    server.close();
    server = new NacosServer(NacosServer.memory(), 0, 6); // for one config, but not two
    park("a" + F + "G" + F + E);
    HttpResponse<String> told =
        answer(server.listen("a" + F + "G" + F + E + "b" + F + "G" + F + E, LONG));
    assertThat(told.statusCode()).isEqualTo(503);
    assertThat(told.headers().firstValue("Retry-After")).contains("1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a\u0001",
        "a\u0002G\u0001",
        "a\u0002G\u0002m\u0001",
        "a\u0002G\u0002",
        "\u0002G\u0002\u0001",
        "a\u0002G\u0002\u0002t\u0002x\u0001",
        "a b\u0002G\u0002\u0001",
        "%"
      })
  void malformedEntriesAreRefused(String listening) throws Exception {
    assertThat(answer(server.listen(listening, LONG)).statusCode()).isEqualTo(400);
  }

  @Test
  void tenThousandEntriesAreTakenAndNoMore() {
    String entry = "a" + F + "G" + F + E;
    assertThat(Listening.parse(entry.repeat(10_000))).hasSize(10_000);
    assertThatThrownBy(() -> Listening.parse(entry.repeat(10_001)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("at most 10000");
  }

  @Test
  void whateverIsReadIsWrittenAsItWas() {
    long seed = Long.getLong("posthaste.seed", 5);
    Random random = new Random(seed);
    String alphabet = "ab:.中%\u0001\u0002\u0002\u0001 /0123456789abcdef";
    String digest = md5("x");
    int read = 0;
    int encoded = 0;
    for (int round = 0; round < 50_000; round++) {
      StringBuilder text = new StringBuilder("a" + F + "G" + F + digest + F + "t" + E);
      for (int i = random.nextInt(6); i > 0; i--) {
        int at = random.nextInt(text.length());
        int how = random.nextInt(7);
        if (how == 0) {
          text.insert(at, "%61");
        } else if (how < 4) {
          text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
        } else {
          text.insert(at, text.substring(at));
        }
      }
      try {
        List<Listening.Entry> entries = Listening.parse(text.toString());
        read++;
        StringBuilder written = new StringBuilder();
        for (Listening.Entry one : entries) {
          written.append(one.key().name()).append(F).append(one.key().group()).append(F);
          written.append(one.md5() == null ? "" : one.md5());
          written.append(one.spelling() == Spelling.ABSENT ? "" : F);
          written.append(one.spelling() == Spelling.NAMED ? one.key().namespace() : "").append(E);
        }
        encoded += text.indexOf("%") < 0 ? 0 : 1;
        assertThat(written.toString())
            .as("seed %s, round %s", seed, round)
            .isEqualToIgnoringCase(PercentCoding.decode(text.toString()));
      } catch (MalformedException e) {
        assertThat(e.getMessage()).as("seed %s, round %s", seed, round).contains("(expected:");
      }
    }
    assertThat(read).isPositive();
    assertThat(encoded).as("of these with an escape").isPositive();
  }
}
