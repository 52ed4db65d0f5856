package io.posthaste.door.web;

import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;

/** The clients of the native wire, for the tests of other modules. */
public final class NativeClients {
  private NativeClients() {}

  /** The names of the techniques, in a fixed order. */
  public static List<String> techniques() {
    return Clients.ALL.keySet().stream().sorted().toList();
  }

  /** Opens a client of one technique. */
  public static DoorClient open(String technique, InetSocketAddress address, Want want)
      throws IOException {
    return Objects.requireNonNull(Clients.ALL.get(technique), technique).open(address, want);
  }
}
