package io.posthaste.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the running program is started once more: same JVM, same flags, other arguments. */
public final class OwnProgram {
  private OwnProgram() {}

  /** The command line with these arguments. Costs some milliseconds: not to be asked in advance. */
  public static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    String main = System.getProperty("sun.java.command", "").split(" ")[0];
    if (main.endsWith(".jar")) {
      command.add("-jar");
    } else {
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
    }
    command.add(main);
    command.addAll(List.of(arguments));
    return command;
  }
}
