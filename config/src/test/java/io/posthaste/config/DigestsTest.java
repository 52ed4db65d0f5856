package io.posthaste.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** MD5s of small and of large contents. */
final class DigestsTest {
  private final Digests digests = new Digests();

  @Test
  void ofASmallContentIsThereAtOnce() {
    Payload small = Payload.wrap(new byte[Digests.LARGE_BYTES]);
    assertThat(digests.of(small)).isCompletedWithValue(Md5.of(small));
  }

  @Test
  void nobodyIsRefusedHoweverManyWait() throws Exception {
    Payload large = Payload.wrap(new byte[Digests.LARGE_BYTES + 1]);
    List<CompletableFuture<Md5>> all = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      all.add(digests.of(large));
    }
    for (CompletableFuture<Md5> one : all) {
      assertThat(one.get(30, SECONDS)).isEqualTo(Md5.of(large));
    }
  }
}
