package io.posthaste.bench;

import java.util.List;

/**
 * A server in a comparison.
 *
 * @param name in results
 * @param command starts it; knows {@code {port}} and {@code {dir}}
 * @param techniques what it can do
 */
record Contestant(String name, List<String> command, List<Technique> techniques) {

  static Contestant posthaste(List<String> command) {
    return new Contestant("posthaste", command, List.of(Technique.values()));
  }

  static Contestant nchan(List<String> command) {
    return new Contestant(
        "nchan", command, List.of(Technique.SSE, Technique.WEBSOCKET, Technique.LONG_POLL));
  }

  /** The C server that does one write a reader and nothing else; it has Nchan's paths. */
  static Contestant floor(List<String> command) {
    return new Contestant("floor", command, List.of(Technique.SSE, Technique.WEBSOCKET));
  }

  ServerProcess start(int cpu) throws InterruptedException {
    return ServerProcess.start(command, cpu, "/readyz");
  }

  Target target(ServerProcess server) {
    return name.equals("posthaste")
        ? Target.posthaste("127.0.0.1", server.port())
        : Target.nchan("127.0.0.1", server.port());
  }
}
