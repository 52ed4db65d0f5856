package io.posthaste.app;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Loads what every command needs, so that the launcher can archive it for quicker starts. Not for
 * people.
 */
@Command(name = "warm-up", hidden = true, description = "Loads classes, for the launcher.")
final class WarmUpCommand implements Runnable {
  @Option(names = "--native", description = "Where to unpack RocksDB's library to.")
  private @Nullable Path libraries;

  @Override
  public void run() {
    try {
      if (libraries != null) {
        unpackRocks(libraries);
      }
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

  /**
   * RocksDB looks here (java.library.path) before it unpacks to a temporary file, at each start.
   */
  private static void unpackRocks(Path directory) throws IOException {
    String packed = Environment.getJniLibraryFileName("rocksdb");
    String unpacked = System.mapLibraryName(Environment.getJniLibraryName("rocksdb"));
    try (InputStream in = RocksDB.class.getClassLoader().getResourceAsStream(packed)) {
      if (in != null) {
        Files.createDirectories(directory);
        // Whoever starts meanwhile, or after this was cut short, finds all of it or nothing.
        Path copy = Files.createTempFile(directory, "unpacking", "");
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, directory.resolve(unpacked), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private static void warmUp(Path data) {
    Map<Setting, List<String>> flags =
        Map.of(
            Setting.HTTP, List.of("127.0.0.1:0"),
            Setting.TCP, List.of("127.0.0.1:0"),
            Setting.DATA, List.of(data.toString()));
    Settings settings = Settings.of(new Configuration(flags, Map.of(), Map.of()));
    Logging.start(settings.logLevel());
    try (PosthasteServer server = PosthasteServer.start(settings)) {
      String url = "http://127.0.0.1:" + server.http().orElseThrow().getPort();
      for (Technique technique : Technique.values()) {
        run("publish", "warm-up", "/dev/null", "--url", url);
        String via = technique.toString();
        String at =
            technique == Technique.TCP
                ? "tcp://127.0.0.1:" + server.tcp().orElseThrow().getPort()
                : url;
        run("subscribe", "warm-up", "--url", at, "--via", via, "--last", "1", "--count", "1");
      }
    }
  }

  private static void run(String... arguments) {
    Posthaste.commandLine(arguments).execute(arguments);
  }
}
