package io.posthaste.app;

import io.posthaste.engine.rocksdb.RocksLog;
import io.posthaste.server.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what exactly this is, for reports and benchmarks. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Prints the version, the JDK and the JVM's flags.",
    footer = {"", "Example: @|bold ./posthaste version|@"})
final class VersionCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    var out = spec.commandLine().getOut();
    out.println("posthaste " + version());
    out.println("java " + Runtime.version() + " (" + System.getProperty("java.home") + ")");
    out.println("on " + System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    out.println("engine embedded: " + RocksLog.format());
    out.println("tls " + Tls.provider());
    out.println(
        "flags " + String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
    out.flush();
  }

  /** The version as built. */
  static String version() {
    Properties properties = new Properties();
    try (InputStream in = VersionCommand.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }
}
