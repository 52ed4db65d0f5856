package io.posthaste.door.nacos;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Searches, one after the other. */
final class NameSearchTest {
  private final NameSearch searches = new NameSearch();

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  @Test
  void oneRunsAtATimeSomeWaitAndTheOthersAreRefused() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger atOnce = new AtomicInteger();
    List<CompletionStage<Integer>> all = new ArrayList<>();
    for (int i = 0; i <= NameSearch.MOST; i++) {
      all.add(
          searches.run(
              () -> {
                int now = atOnce.incrementAndGet();
                try {
                  go.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
                atOnce.decrementAndGet();
                return now;
              }));
    }
    CompletableFuture<String> tooMany = searches.run(() -> "").toCompletableFuture();
    assertThatThrownBy(tooMany::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(NameSearch.TooMany.class);
    go.countDown();
    for (CompletionStage<Integer> each : all) {
      assertThat(now(each)).isOne();
    }
  }

  @Test
  void oneThatFailsDoesNotStopTheOthers() throws Exception {
    CompletableFuture<String> failed =
        searches
            .<String>run(
                () -> {
                  throw new IllegalStateException("this one");
                })
            .toCompletableFuture();
    assertThat(now(searches.run(() -> "next"))).isEqualTo("next");
    assertThatThrownBy(failed::join).hasCauseInstanceOf(IllegalStateException.class);
  }
}
