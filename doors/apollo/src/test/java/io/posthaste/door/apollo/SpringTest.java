package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apollo's own Spring integration, as apollo-client 2.4.0 has it, in Spring Boot. */
final class SpringTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @Test
  void startsByWhatIsReleasedAndItsFieldsFollow() throws Exception {
    // A client asks for a namespace that it has not asked for by its next poll.
    ApolloOptions options =
        new ApolloOptions("DEV", Duration.ofSeconds(3), Duration.ZERO, Set.of());
    try (ApolloServer server = new ApolloServer(options)) {
      server.publish("", "shop", "application.properties", "price=1\ngifts=true\n");
      server.publish("", "shop", "rates.properties", "eur=1.1\n");
      Map<String, String> more =
          Map.of(
              "apollo.bootstrap.enabled", "true",
              "apollo.bootstrap.eagerLoad.enabled", "true",
              "spring.main.banner-mode", "off");
      try (Client service =
          new Client(SpringProgram.class, "shop", server.url(), directory, more)) {
        assertThat(service.ask("price")).isEqualTo("1");
        assertThat(service.ask("eur")).isEqualTo("1.1");
        assertThat(service.ask("bean gifts")).isEqualTo("true");
        await().atMost(SOON).until(() -> server.door.listened() == 2);

        server.publish("", "shop", "application.properties", "price=2\ngifts=true\n");
        service.awaitEvent("price 2");
        await().atMost(SOON).until(() -> service.ask("price").equals("2"));
        server.publish("", "shop", "rates.properties", "eur=1.2\n");
        service.awaitEvent("eur 1.2");
        await().atMost(SOON).until(() -> service.ask("eur").equals("1.2"));
        assertThat(service.events).hasSize(2);
      }
    }
  }
}
