package io.posthaste.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of a config that is listened to, and who listens. Safe for any thread. */
final class ConfigState {
  final ConfigName name;
  private final List<Listening> listeners = new ArrayList<>();
  private @Nullable Config newest;
  private @Nullable Config passed; // the newest for all that came while a gray one was used
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

  /**
   * Takes note of a version for all, unless it is the newest already, or older than that. While a
   * gray one is used it is {@link #take} that says what comes after that.
   */
  synchronized boolean learn(Config version) {
    Config known = newest;
    if (known != null && known.isGray() && known.source() == Config.Source.SERVER) {
      if (passed == null || !IdOrder.isKnown(version.id(), passed.id())) {
        passed = version;
      }
      return false;
    }
    return replace(known, version);
  }

  /**
   * Takes note of the version that a server has for this instance, unless what is known has changed
   * since it was asked for: then it is to be asked anew.
   *
   * @param before what was known then
   */
  synchronized boolean take(@Nullable Config before, Config shown) {
    if (newest != before) {
      return false;
    }
    if (shown.isGray()) {
      return replace(before, shown);
    }
    // It may have come after the server was asked, which then says nothing of it any more.
    Config last = passed;
    passed = null;
    boolean isLater = last != null && IdOrder.isKnown(shown.id(), last.id());
    return replace(before, isLater ? last : shown);
  }

  /** Gray versions come and go, so that one for all which is older may follow. */
  private boolean replace(@Nullable Config known, Config version) {
    boolean isSame = known != null && version.id().equals(known.id());
    boolean isOrdered = known != null && !known.isGray() && !version.isGray();
    if (isSame || isOrdered && IdOrder.isKnown(version.id(), known.id())) {
      if (isSame && known.source() == Config.Source.SNAPSHOT) {
        newest = version; // a server has said so by now; nobody has to be told that
      }
      return false;
    }
    newest = version;
    return true;
  }

  /** Of the content that is used; null if none is. */
  synchronized @Nullable String md5() {
    Config used = holds();
    return used == null || used.isDeleted() ? null : used.md5();
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
