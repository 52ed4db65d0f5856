package io.posthaste.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.junit.PosthasteExtension;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/** This client passes the suite that all clients pass, over every technique. */
final class BehavioursTest {
  private static final Behaviours SUITE = suite();

  @RegisterExtension static final PosthasteExtension SERVER = server();

  private static Behaviours suite() {
    try {
      return Behaviours.read();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static PosthasteExtension server() {
    PosthasteExtension server = PosthasteExtension.onDisk();
    List<String> options = SUITE.server();
    for (int i = 0; i < options.size(); i += 2) {
      server.with(options.get(i).substring(2), options.get(i + 1));
    }
    return server;
  }

  @TestFactory
  Stream<DynamicTest> overEachTechnique() {
    return Behaviours.TECHNIQUES.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .flatMap(
            technique ->
                SUITE.over("each").stream()
                    .map(
                        behaviour ->
                            test(technique.getKey() + " ", behaviour, technique.getValue())));
  }

  @TestFactory
  Stream<DynamicTest> overWhateverWorks() {
    return SUITE.over("ladder").stream().map(behaviour -> test("", behaviour));
  }

  @TestFactory
  Stream<DynamicTest> once() {
    return SUITE.over("once").stream().map(behaviour -> test("", behaviour));
  }

  private static DynamicTest test(String prefix, JsonNode behaviour, Technique... techniques) {
    return DynamicTest.dynamicTest(
        prefix + behaviour.path("name").asText(), () -> run(behaviour, techniques));
  }

  private static void run(JsonNode behaviour, Technique... techniques) throws Exception {
    URI url = URI.create(SERVER.url());
    List<FaultyProxy> proxies = new ArrayList<>();
    PosthasteBuilder builder = builder();
    for (int i = 0; i < behaviour.path("nodes").asInt(1); i++) {
      FaultyProxy proxy = new FaultyProxy(new InetSocketAddress(url.getHost(), url.getPort()));
      proxies.add(proxy);
      builder.node(proxy.url());
    }
    if (techniques.length > 0) {
      builder.techniques(techniques);
    }
    Posthaste direct = Posthaste.at(SERVER.url());
    try (Steps steps = new Steps(builder.build(), direct, proxies, SERVER::restart)) {
      for (JsonNode step : Behaviours.fresh(behaviour).path("steps")) {
        try {
          steps.take(step);
        } catch (Exception | AssertionError e) {
          throw new AssertionError("at " + step + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private static PosthasteBuilder builder() {
    JsonNode settings = SUITE.client();
    return Posthaste.builder()
        .longPollWait(Duration.ofSeconds(settings.path("waitSeconds").asLong()))
        .shortPollInterval(millis(settings, "shortPollMillis"))
        .answerLimit(millis(settings, "answerLimitMillis"))
        .backoff(millis(settings, "firstBackoffMillis"), millis(settings, "longestBackoffMillis"))
        .retryBetterAfter(millis(settings, "retryBetterMillis"));
  }

  private static Duration millis(JsonNode settings, String name) {
    return Duration.ofMillis(settings.path(name).asLong());
  }
}
