package io.posthaste.testkit;

import static io.posthaste.testkit.LogFixture.answer;
import static io.posthaste.testkit.LogFixture.message;
import static io.posthaste.testkit.LogFixture.patterns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.Appended;
import io.posthaste.core.LogException;
import io.posthaste.core.ReadRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The end of a log. */
interface LogClosing extends LogFixture {
  @Test
  default void whatIsUnderWayIsAnswered() {
    List<CompletionStage<List<Appended>>> underWay = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      underWay.add(log().append(List.of(message("a", "" + i))));
    }
    log().close();
    for (CompletionStage<List<Appended>> append : underWay) {
      assertThat(answer(append).get(0))
          .isInstanceOfAny(Appended.Stored.class, Appended.Unavailable.class);
    }
  }

  @Test
  default void aClosedLogTakesNothing() {
    log().close();
    assertThat(append(message("a", "1"))).isInstanceOf(Appended.Unavailable.class);
    assertThat(append(message("ring/a", "1"))).isInstanceOf(Appended.Unavailable.class);
  }

  @Test
  default void aClosedLogRefusesReads() {
    int partition = partition("a");
    publish("a", "1");
    log().close();
    CompletionStage<?> read =
        log().read(new ReadRequest(partition, patterns("a"), 0, 10, MUCH, false));
    assertThatThrownBy(() -> read.toCompletableFuture().get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(LogException.class);
  }

  @Test
  default void closingTwiceIsHarmless() {
    log().close();
    log().close();
    assertThat(append(message("a", "1"))).isInstanceOf(Appended.Unavailable.class);
  }
}
