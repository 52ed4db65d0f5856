package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.NodeAnswers;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.testkit.NatsServers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Several nodes that ask each other. */
final class AskingTest {
  private static final Duration WITHIN = Duration.ofSeconds(1);

  private static JetStreamLog open(String url) {
    return JetStreamLog.open(JetStreamOptions.of(List.of(url), Policies.DEFAULT));
  }

  private static NodeAnswers ask(JetStreamLog log, String question) throws Exception {
    return log.nodes()
        .ask("name", Payload.of(question), WITHIN)
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private static void answers(JetStreamLog log) {
    String self = log.nodes().self();
    log.nodes()
        .answer(
            "name",
            question ->
                CompletableFuture.completedFuture(Payload.of(question.utf8() + " " + self)));
  }

  private static Set<String> names(NodeAnswers answers) {
    return Set.copyOf(answers.given().stream().map(NodeAnswers.Answer::node).toList());
  }

  @Test
  void allAnswerAndWhoDoesNotIsNamed() throws Exception {
    try (NatsServers nats = NatsServers.single();
        LossyProxy cable = new LossyProxy(nats.get(0).port());
        JetStreamLog first = open(nats.urls());
        JetStreamLog second = open(nats.urls());
        JetStreamLog third = open(cable.url())) {
      String cutOff = third.nodes().self();
      Set<String> all = Set.of(first.nodes().self(), second.nodes().self(), cutOff);
      List.of(first, second, third).forEach(AskingTest::answers);
      // Before it has heard the others' beats it waits the whole second for whoever answers.
      NodeAnswers early = ask(first, "early");
      assertThat(names(early)).isEqualTo(all);
      assertThat(early.given())
          .allSatisfy(
              answer -> assertThat(answer.payload().utf8()).isEqualTo("early " + answer.node()));

      cable.drop(subject -> subject.startsWith("posthaste.ask."));
      NodeAnswers without = ask(first, "who");
      assertThat(names(without)).isEqualTo(Set.of(first.nodes().self(), second.nodes().self()));
      assertThat(without.silent()).containsEntry(cutOff, "no answer within 1000 ms");
      cable.drop(subject -> false);
      await().atMost(Duration.ofSeconds(30)).until(() -> names(ask(first, "x")).equals(all));
      // When all are known it does not wait for the time to be over.
      assertThat(ask(first, "again").silent()).isEmpty();
    }
  }

  @Test
  void aNodeThatEndsIsNotWaitedFor() throws Exception {
    try (NatsServers nats = NatsServers.single();
        JetStreamLog first = open(nats.urls())) {
      answers(first);
      try (JetStreamLog second = open(nats.urls())) {
        answers(second);
        await().atMost(Duration.ofSeconds(30)).until(() -> names(ask(first, "x")).size() == 2);
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                NodeAnswers answers = ask(first, "x");
                assertThat(names(answers)).containsExactly(first.nodes().self());
                assertThat(answers.silent()).isEmpty();
              });
    }
  }

  @Test
  void answersThatAreNoneHarmNobody() throws Exception {
    try (NatsServers nats = NatsServers.single();
        JetStreamLog log = open(nats.urls());
        io.nats.client.Connection stranger = io.nats.client.Nats.connect(nats.urls())) {
      answers(log);
      byte[] garbage = "garbage".getBytes(StandardCharsets.UTF_8);
      String own = "posthaste.answer." + log.nodes().self() + ".";
      for (String subject :
          List.of("posthaste.ask.name", "posthaste.ask.??", own + "1", own + "x", own + "-1")) {
        stranger.publish(subject, garbage);
        stranger.publish(subject, "nowhere", garbage);
      }
      stranger.flush(Duration.ofSeconds(10));
      assertThat(names(ask(log, "x"))).containsExactly(log.nodes().self());
    }
  }
}
