package io.posthaste.bench;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * One way to have clients wait, as a server that is started and measured.
 *
 * @param name in results
 * @param how one line: who waits where, and what happens to a message
 * @param technique how its clients wait
 * @param command starts it; knows {@code {port}} and {@code {dir}}
 * @param target its wire on a port
 */
record Rung(
    String name,
    String how,
    Technique technique,
    List<String> command,
    IntFunction<Target> target) {

  /** The first JDK whose virtual threads a Tomcat can wait on. */
  private static final int VIRTUAL_THREADS = 21;

  /**
   * All of them, the oldest way first.
   *
   * @param posthaste starts Posthaste
   * @param tutorials starts one of {@code bench/ladder}'s servers; knows {@code {name}} too
   * @param waiters how many clients it must be able to hold
   */
  static List<Rung> all(List<String> posthaste, List<String> tutorials, int waiters) {
    List<Rung> rungs = new ArrayList<>();
    // Polls whose clients have gone hold their threads until their time is over.
    int threads = 4 * waiters + 100;
    String queue = "/poll/{run}-{topic}?client={connection}";
    rungs.add(
        tutorial(
            "queue",
            "a queue for each client, a thread for each poll; Tomcat is given threads enough",
            queue,
            started(tutorials, "queue", "--server.tomcat.threads.max=" + threads)));
    if (Runtime.version().feature() >= VIRTUAL_THREADS) {
      rungs.add(
          tutorial(
              "queue, virtual",
              "the same code on virtual threads",
              queue,
              started(tutorials, "queue", "--spring.threads.virtual.enabled=true")));
    }
    String watch = "/watch/{run}-{topic}";
    rungs.add(
        tutorial(
            "AsyncContext",
            "a set of held requests, a timer task for each; a message is for those who are held",
            watch,
            started(tutorials, "async-context")));
    rungs.add(
        tutorial(
            "DeferredResult",
            "a multimap of held requests; a message is for those who are held",
            watch,
            started(tutorials, "deferred-result")));
    rungs.add(posthaste(Technique.LONG_POLL, "a log and a cursor, long poll", posthaste));
    rungs.add(posthaste(Technique.SSE, "a log and a cursor, server-sent events", posthaste));
    return rungs;
  }

  private static Rung posthaste(Technique technique, String how, List<String> command) {
    return new Rung(
        "Posthaste, " + technique.word(),
        how + "; on disk before it is acknowledged",
        technique,
        command,
        port -> Target.posthaste("127.0.0.1", port));
  }

  private static Rung tutorial(String name, String how, String path, List<String> command) {
    return new Rung(
        name, how, Technique.LONG_POLL, command, port -> tutorialTarget(name, path, port));
  }

  private static Target tutorialTarget(String name, String path, int port) {
    String at = "127.0.0.1:" + port;
    Opening opening =
        new Opening(Target.request("GET", path, at), null, List.of(), true, null, null);
    return new Target(
        name,
        new InetSocketAddress("127.0.0.1", port),
        Map.of(Technique.LONG_POLL, opening),
        Target.head("POST", "/publish/{run}-{topic}", at, "Content-Type: text/plain"));
  }

  private static List<String> started(List<String> tutorials, String name, String... more) {
    List<String> command = new ArrayList<>();
    tutorials.forEach(word -> command.add(word.replace("{name}", name)));
    command.addAll(List.of(more));
    return List.copyOf(command);
  }
}
