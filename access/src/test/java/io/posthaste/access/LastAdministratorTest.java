package io.posthaste.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.MemoryLog;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** Two nodes of one log take the right to administer from two people at once. */
@Timeout(60)
final class LastAdministratorTest {
  @RepeatedTest(20)
  void staysWhoeverIsQuicker() {
    try (MemoryLog log = AccessWorld.memory();
        AccessWorld one = new AccessWorld(log, AccessOptions.DEFAULT);
        AccessWorld other = new AccessWorld(log, AccessOptions.DEFAULT)) {
      assertThat(one.add("alice")).isEqualTo(new Change.AccountMade(true));
      assertThat(one.add("bob")).isEqualTo(new Change.AccountMade(false));
      AccessWorld.get(one.administration.grant(AccessWorld.TEST, "bob", Grant.ADMINISTRATOR));
      await().until(() -> other.access.directory().administrators().size() == 2);

      CompletableFuture<Change> first =
          CompletableFuture.supplyAsync(
              () -> AccessWorld.get(one.administration.removeAccount(AccessWorld.TEST, "alice")));
      CompletableFuture<Change> second =
          CompletableFuture.supplyAsync(
              () ->
                  AccessWorld.get(
                      other.administration.revoke(AccessWorld.TEST, "bob", Grant.ADMINISTRATOR)));

      List<Change> became = Stream.of(first, second).map(CompletableFuture::join).toList();
      assertThat(became).filteredOn(Change.Done.class::isInstance).hasSize(1);
      assertThat(became).filteredOn(Change.LastAdministrator.class::isInstance).hasSize(1);
      await().until(() -> one.access.directory().administrators().size() == 1);
    }
  }
}
