package io.posthaste.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a config that is listened to, and who listens. Safe for any thread. */
final class ConfigState {
  final ConfigName name;
  private final List<Listening> listeners = new ArrayList<>();
  private @Nullable Config newest;
  private @Nullable Config failover;
  private boolean waits;

  ConfigState(ConfigName name) {
    this.name = name;
  }

  synchronized void add(Listening listening) {
    listeners.add(listening);
  }

  synchronized void remove(Listening listening) {
    listeners.remove(listening);
  }

  synchronized List<Listening> listeners() {
    return List.copyOf(listeners);
  }

  /** Takes note of a version, unless it is the newest already, or older than that. */
  synchronized boolean learn(Config version) {
    Config known = newest;
    if (known != null && IdOrder.isKnown(version.id(), known.id())) {
      if (known.source() == Config.Source.SNAPSHOT && version.id().equals(known.id())) {
        newest = version; // a server has said so by now; nobody has to be told that
      }
      return false;
    }
    newest = version;
    return true;
  }

  synchronized @Nullable Config newest() {
    return newest;
  }

  /** Looks whether the operator says something else than before. */
  synchronized boolean look(Failover files) {
    Config before = failover;
    failover = files.of(name, before);
    return failover != before;
  }

  /** Whether it is to be put among those of which listeners must be told: it is not there yet. */
  synchronized boolean beginsToWait() {
    boolean begins = !waits;
    waits = true;
    return begins;
  }

  /** It is its turn; whatever is learnt from now on puts it there again. */
  synchronized void endsToWait() {
    waits = false;
  }

  /** What holds: the operator's file, else the newest version; null if neither is known. */
  synchronized @Nullable Config holds() {
    return failover != null ? failover : newest;
  }
}
