package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.LogException;
import io.posthaste.core.NodeAnswers;
import io.posthaste.core.Nodes;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Asking the nodes of a log; here it has one. */
interface LogNodes extends LogFixture {
  Duration WITHIN = Duration.ofSeconds(1);

  private NodeAnswers ask(String kind, String question) {
    return answer(log().nodes().ask(kind, Payload.of(question), WITHIN));
  }

  @Test
  default void aNodeAsksItself() {
    Nodes nodes = log().nodes();
    assertThat(nodes.self()).matches("[a-z0-9-]{1,64}");
    Nodes.Registration answering =
        nodes.answer(
            "echo",
            question -> CompletableFuture.completedFuture(Payload.of("heard " + question.utf8())));
    NodeAnswers answers = ask("echo", "you");
    assertThat(answers.silent()).isEmpty();
    assertThat(answers.given())
        .containsExactly(new NodeAnswers.Answer(nodes.self(), Payload.of("heard you")));
    answering.close();
    assertThat(ask("echo", "you").given()).isEmpty();
  }

  @Test
  default void whoDoesNotAnswerIsNamedWithTheReason() {
    Nodes nodes = log().nodes();
    String self = nodes.self();
    assertThat(ask("nobody", "").silent()).containsEntry(self, "it is not asked for nobody");
    nodes.answer("mute", question -> new CompletableFuture<>());
    assertThat(ask("mute", "").silent()).containsOnlyKeys(self);
    nodes.answer(
        "broken",
        question -> {
          throw new LogException("it cannot");
        });
    assertThat(ask("broken", "").silent()).containsEntry(self, "it cannot");
    Payload large = Payload.wrap(new byte[Nodes.MAX_ANSWER_BYTES + 1]);
    nodes.answer("large", question -> CompletableFuture.completedFuture(large));
    assertThat(ask("large", "").silent().get(self)).contains("expected: at most");
  }

  @Test
  default void tooLargeAQuestionIsRefused() {
    Payload large = Payload.wrap(new byte[Nodes.MAX_QUESTION_BYTES + 1]);
    assertThatThrownBy(
            () ->
                log()
                    .nodes()
                    .ask("echo", large, WITHIN)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(LogException.class);
    assertThatThrownBy(
            () ->
                log()
                    .nodes()
                    .answer("no kind", question -> CompletableFuture.completedFuture(question)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
