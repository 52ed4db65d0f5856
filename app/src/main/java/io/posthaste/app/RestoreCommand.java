package io.posthaste.app;

import io.posthaste.core.LogException;
import io.posthaste.engine.rocksdb.RocksLog;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a data directory of a backup. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a data directory, absent or empty before, of what backup wrote.",
      "The log in it has a new epoch: readers who come with a cursor of before are told that they"
          + " missed something, since what was published after the backup is not there."
    },
    footer = {
      "",
      "Example: @|bold ./posthaste restore /backups/monday --data /var/lib/posthaste|@"
    })
final class RestoreCommand implements Runnable {
  @Parameters(paramLabel = "BACKUP", description = "What backup wrote.")
  private Path backup = Path.of("");

  @Mixin private DataOption data = new DataOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    try {
      RocksLog.restore(backup.toAbsolutePath().normalize(), data.path());
    } catch (LogException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    }
    spec.commandLine().getOut().println(data.path());
    spec.commandLine().getOut().flush();
  }
}
