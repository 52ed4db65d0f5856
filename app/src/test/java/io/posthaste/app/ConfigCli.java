package io.posthaste.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code ./posthaste config} at a server, for tests of its commands. */
final class ConfigCli {
  private ConfigCli() {}

  /** A server that keeps nothing, for one test. */
  static PosthasteServer server() {
    return PosthasteServer.start(
        Map.of(
            "http", List.of("127.0.0.1:0"),
            "tcp", List.of("off"),
            "engine", List.of("memory")));
  }

  /** Runs one of the commands. */
  static Cli run(PosthasteServer server, String... arguments) {
    List<String> all = new ArrayList<>(List.of("config"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--url", "http://127.0.0.1:" + server.http().orElseThrow().getPort()));
    return Cli.run(all.toArray(String[]::new));
  }
}
