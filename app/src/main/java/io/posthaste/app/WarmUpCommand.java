package io.posthaste.app;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * Loads what every command needs, so that the launcher can archive it for quicker starts. Not for
 * people.
 */
@Command(name = "warm-up", hidden = true, description = "Loads classes, for the launcher.")
final class WarmUpCommand implements Runnable {
  @Override
  public void run() {
    try {
      Path data = Files.createTempDirectory("posthaste-warm-up");
      try {
        warmUp(data);
      } finally {
        try (Stream<Path> files = Files.walk(data)) {
          files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
      }
    } catch (IOException e) {
      throw new CommandFailure("warm-up: " + Reasons.of(e));
    }
  }

  private static void warmUp(Path data) {
    Map<Setting, List<String>> flags =
        Map.of(Setting.HTTP, List.of("127.0.0.1:0"), Setting.DATA, List.of(data.toString()));
    Settings settings = Settings.of(new Configuration(flags, Map.of(), Map.of()));
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
