package io.posthaste.ladder;

import java.util.Arrays;
import java.util.Map;
import org.springframework.boot.SpringApplication;

/** Starts one of the three: {@code java -jar posthaste-ladder.jar queue --server.port=8080}. */
final class Ladder {
  private static final Map<String, Class<?>> RUNGS =
      Map.of(
          "queue", QueueServer.class,
          "async-context", AsyncContextServer.class,
          "deferred-result", DeferredResultServer.class);

  private Ladder() {}

  /**
   * Runs a server until the process ends.
   *
   * @param args its name, then Spring Boot's own arguments
   */
  public static void main(String[] args) {
    Class<?> server = args.length == 0 ? null : RUNGS.get(args[0]);
    if (server == null) {
      System.err.println(
          "ladder: " + Arrays.toString(args) + " (expected: one of " + RUNGS.keySet() + ")");
      System.exit(2);
      return;
    }
    SpringApplication.run(server, Arrays.copyOfRange(args, 1, args.length));
  }
}
