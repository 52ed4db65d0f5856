package io.posthaste.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** How this program, or another, is started on the same JVM with the same flags. */
public final class OwnProgram {
  /** Flags that name files made of this program's own classes. */
  private static final Pattern OF_THIS_PROGRAM =
      Pattern.compile("-XX:SharedArchiveFile=.*|-Djava\\.library\\.path=.*|-Xlog.*");

  private OwnProgram() {}

  /** The command line of a runnable jar with these arguments. */
  public static List<String> jar(Path jar, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    flags().stream().filter(flag -> !OF_THIS_PROGRAM.matcher(flag).matches()).forEach(command::add);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  /**
   * The command line of this program with these arguments. Costs some milliseconds: not to be asked
   * in advance.
   */
  public static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(flags());
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
