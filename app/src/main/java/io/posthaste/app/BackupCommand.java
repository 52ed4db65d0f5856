package io.posthaste.app;

import io.posthaste.core.LogException;
import io.posthaste.engine.rocksdb.RocksLog;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpRequest;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies a data directory, whether a server runs on it or not. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a copy of a server's messages as of now, while the server goes on; or, when no server"
          + " runs on the data directory, copies it.",
      "On the file system of the data directory the copy takes no space at first. It is made a data"
          + " directory by: ./posthaste restore."
    },
    footer = {"", "Example: @|bold ./posthaste backup /backups/monday --data /var/lib/posthaste|@"})
final class BackupCommand implements Runnable {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @Parameters(paramLabel = "DIR", description = "Where to write it; absent or empty.")
  private Path target = Path.of("");

  @Mixin private DataOption data = new DataOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    Path from = data.path();
    Path to = target.toAbsolutePath().normalize();
    try {
      if (!Files.exists(from.resolve("FORMAT"))) {
        throw new CommandFailure(
            from + " is no data directory (expected: --data DIR, as serve has it)");
      }
      Optional<ControlFile> control = ControlFile.read(from);
      if (control.isEmpty() || !byServer(control.get(), to)) {
        byCopying(from, to);
      }
    } catch (IOException e) {
      throw new CommandFailure("cannot back up " + from + ": " + Reasons.of(e));
    } catch (LogException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    spec.commandLine().getOut().println(to);
    spec.commandLine().getOut().flush();
  }

  /** Has the server write it; false if none runs. */
  private static boolean byServer(ControlFile control, Path to)
      throws IOException, InterruptedException {
    Client client = Client.of(control.url());
    HttpRequest request =
        client
            .request(Control.BACKUP_PATH)
            .header("Authorization", "Bearer " + control.secret())
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString(to.toString()))
            .build();
    try {
      client.send(request).body().close();
      return true;
    } catch (ConnectException e) {
      return false; // it ended without tidying up
    } catch (Client.Refusal e) {
      if (e.status() == 401 || e.status() == 404) {
        return false; // another server has that address now
      }
      throw new CommandFailure(String.valueOf(e.getMessage()));
    }
  }

  private static void byCopying(Path from, Path to) throws IOException {
    // RocksDB locks this file; who has it, has the files to himself.
    Path lock = from.resolve("log").resolve("LOCK");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      if (held == null) {
        throw new CommandFailure(
            from
                + " is in use by a server that cannot be asked (expected: one that serves HTTP, or none)");
      }
      RocksLog.restore(from, to);
    }
  }
}
