package io.posthaste.app;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * Loads what every command needs, so that the launcher can archive it for quicker starts. Not for
 * people.
 */
@Command(name = "warm-up", hidden = true, description = "Loads classes, for the launcher.")
final class WarmUpCommand implements Runnable {
  @Override
  public void run() {
    Settings settings =
        Settings.of(
            new Configuration(
                Map.of(Setting.HTTP, List.of("127.0.0.1:0"), Setting.ENGINE, List.of("memory")),
                Map.of(),
                Map.of()));
    Logging.start(settings.logLevel());
    try (PosthasteServer server = PosthasteServer.start(settings)) {
      String url = "http://127.0.0.1:" + server.http().orElseThrow().getPort();
      for (Technique technique : Technique.values()) {
        Posthaste.commandLine().execute("publish", "warm-up", "/dev/null", "--url", url);
        Posthaste.commandLine()
            .execute(
                "subscribe",
                "warm-up",
                "--url",
                url,
                "--via",
                technique.toString(),
                "--last",
                "1",
                "--count",
                "1");
      }
    }
  }
}
