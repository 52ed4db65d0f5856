package io.posthaste.app;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Explains why an address cannot be listened on: who has it, and which would be free. */
final class PortTrouble {
  private static final int TRIED_PORTS = 100;

  private PortTrouble() {}

  static CommandFailure explain(Setting setting, HostPort place, IOException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    String said = String.valueOf(cause.getMessage());
    if (said.toLowerCase(Locale.ROOT).contains("in use")) {
      return new CommandFailure(
          place
              + " is in use"
              + holder(place.port()).map(name -> " by " + name).orElse("")
              + freePort(place)
                  .map(
                      port ->
                          " (expected: a free port; try "
                              + setting.flag()
                              + " "
                              + new HostPort(place.host(), port)
                              + ")")
                  .orElse(" (expected: a free port)"));
    }
    if (said.contains("ermission denied")) {
      return new CommandFailure(
          place
              + " may not be listened on (expected: a port above 1023, or the right to a lower one)");
    }
    if (cause instanceof BindException || said.contains("assign requested address")) {
      return new CommandFailure(
          place + " is no address of this machine (expected: 127.0.0.1:" + place.port() + ")");
    }
    return new CommandFailure(place + ": " + said);
  }

  private static Optional<Integer> freePort(HostPort place) {
    for (int port = place.port() + 1; port < Math.min(place.port() + TRIED_PORTS, 65_536); port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(place.host()))) {
        return Optional.of(socket.getLocalPort());
      } catch (IOException e) {
        // This one is taken too.
      }
    }
    return Optional.empty();
  }

  /** The process that listens on a port, as far as Linux lets us see it. */
  private static Optional<String> holder(int port) {
    Set<String> sockets = new HashSet<>();
    listening(Path.of("/proc/net/tcp"), port, sockets);
    listening(Path.of("/proc/net/tcp6"), port, sockets);
    if (sockets.isEmpty()) {
      return Optional.empty();
    }
    return ProcessHandle.allProcesses()
        .filter(process -> holdsOne(process.pid(), sockets))
        .findFirst()
        .map(process -> "process " + process.pid() + name(process.pid()));
  }

  /** Adds the inodes of listening sockets: the tenth column of lines in state 0A. */
  private static void listening(Path table, int port, Set<String> sockets) {
    try {
      String suffix = String.format(":%04X", port);
      for (String line : Files.readAllLines(table)) {
        String[] columns = line.trim().split("\\s+");
        if (columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals("0A")) {
          sockets.add("socket:[" + columns[9] + "]");
        }
      }
    } catch (IOException e) {
      // Not Linux: nobody is named.
    }
  }

  private static boolean holdsOne(long pid, Set<String> sockets) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
      for (Path file : files) {
        if (sockets.contains(Files.readSymbolicLink(file).toString())) {
          return true;
        }
      }
    } catch (IOException e) {
      return false; // another user's, or just gone
    }
    return false;
  }

  private static String name(long pid) {
    try {
      return " (" + Files.readString(Path.of("/proc/" + pid + "/comm")).trim() + ")";
    } catch (IOException e) {
      return "";
    }
  }
}
