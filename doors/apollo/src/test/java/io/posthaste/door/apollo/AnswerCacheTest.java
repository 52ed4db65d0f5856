package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Answers that are kept. */
final class AnswerCacheTest {
  @Test
  void whatTheyAreFoundByWeighsToo() {
    AnswerCache cache = new AnswerCache(100_000);
    for (int i = 0; i < 100; i++) {
      String form = "config since " + i + "x".repeat(4_000);
      cache.get(
          new AnswerCache.Key(form, "app", "application", List.of("1-0-1")),
          () -> CompletableFuture.completedFuture(new byte[1]));
    }
    assertThat(cache.bytes()).isBetween(8_000L, 100_000L);
    assertThat(cache.size()).isLessThan(13); // of 8,000 bytes each
  }
}
