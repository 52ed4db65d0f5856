package io.posthaste.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.junit.PosthasteExtension;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The suite that all clients pass, over every technique. An engine joins with its servers. */
abstract class BehavioursContract {
  private static final Behaviours SUITE = Behaviours.read();

  /** The servers, nodes of one log; at least one. */
  abstract List<PosthasteExtension> servers();

  /** Gives a server the settings that the suite wants. */
  static PosthasteExtension withSettings(PosthasteExtension server) {
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

  private DynamicTest test(String prefix, JsonNode behaviour, Technique... techniques) {
    return DynamicTest.dynamicTest(
        prefix + behaviour.path("name").asText(), () -> run(behaviour, techniques));
  }

  private void run(JsonNode behaviour, Technique... techniques) throws Exception {
    List<List<FaultyProxy>> proxies = new ArrayList<>();
    PosthasteBuilder builder = builder();
    for (int i = 0; i < behaviour.path("nodes").asInt(1); i++) {
      PosthasteExtension server = servers().get(i % servers().size());
      FaultyProxy http = new FaultyProxy(address(URI.create(server.url()).getPort()));
      FaultyProxy tcp = new FaultyProxy(address(server.tcpPort()), false);
      proxies.add(List.of(http, tcp));
      builder.node(http.url()).tcpPort(tcp.port());
    }
    if (techniques.length > 0) {
      builder.techniques(techniques);
    }
    Posthaste direct = Posthaste.at(servers().get(servers().size() - 1).url());
    Runnable restart = servers().get(0)::restart;
    try (Steps steps = new Steps(builder.build(), direct, proxies, restart)) {
      for (JsonNode step : Behaviours.fresh(behaviour).path("steps")) {
        try {
          steps.take(step);
        } catch (Exception | AssertionError e) {
          throw new AssertionError("at " + step + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
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
