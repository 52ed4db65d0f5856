package io.posthaste.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that this client has the versions that are meant for it, where they are not those for
 * all: tells a server what it has, and waits to hear of what is another. What is for all comes by
 * the subscription, with its content; so a wait ends only where a gray version is concerned. The
 * lists are also how the server knows who has what.
 */
final class SightWatch implements Runnable {
  private final Sights sights;
  private final Duration wait;
  private final Asking asking;
  private final Backoff backoff;
  private final Map<ConfigName, Config> notThere = new HashMap<>(); // by the server; it is kept
  private List<ConfigState> followed = List.of(); // guarded by this, as all below
  private boolean isStale; // the list that a request under way was sent with
  private @Nullable Thread waiting;
  private boolean closed;

  /** Asks for the version that is meant for this client, and has whoever listens be told. */
  interface Asking {
    /**
     * @return whether something was found, be it that the config was deleted
     */
    boolean ask(ConfigState state);
  }

  SightWatch(Sights sights, Options options, Asking asking) {
    this.sights = sights;
    this.wait = options.wait;
    this.asking = asking;
    this.backoff = new Backoff(options.firstBackoff, options.longestBackoff);
  }

  /** Watches these from now on. */
  synchronized void follow(List<ConfigState> states) {
    followed = states;
    isStale = true;
    if (waiting != null) {
      waiting.interrupt();
      waiting = null;
    }
    notifyAll();
  }

  /** Ends its thread soon. */
  synchronized void close() {
    closed = true;
    if (waiting != null) {
      waiting.interrupt();
    }
    notifyAll();
  }

  @Override
  public void run() {
    try {
      while (true) {
        List<ConfigState> states = awaitSome();
        boolean isBetter = true;
        try {
          isBetter = look(states);
        } catch (RuntimeException e) {
          isBetter = isRenewed();
          Level level = backoff.failures() == 0 ? Level.WARNING : Level.DEBUG;
          if (!isBetter) {
            Logs.LOGGER.log(level, "gray versions of configs cannot be asked for: {0}", e);
          }
        }
        if (isBetter) {
          backoff.reset();
        } else {
          pause(backoff.next());
        }
      }
    } catch (InterruptedException e) {
      // closed: that is what ends this thread
    }
  }

  private synchronized List<ConfigState> awaitSome() throws InterruptedException {
    while (followed.isEmpty() && !closed) {
      wait();
    }
    checkOpen();
    isStale = false;
    return followed;
  }

  private void checkOpen() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("closed");
    }
  }

  private synchronized void pause(Duration pause) throws InterruptedException {
    long endNanos = System.nanoTime() + pause.toNanos();
    long millis = pause.toMillis();
    while (millis > 0 && !isStale && !closed) {
      wait(millis);
      millis = (endNanos - System.nanoTime()) / 1_000_000;
    }
    checkOpen();
  }

  /** Whether a request failed because there is another list to be sent. */
  private synchronized boolean isRenewed() throws InterruptedException {
    checkOpen();
    return isStale;
  }

  /** Whether what was heard of could be had. */
  private boolean look(List<ConfigState> states) throws InterruptedException {
    Map<ConfigName, ConfigState> listened = new HashMap<>();
    List<Sights.Having> all = new ArrayList<>();
    for (ConfigState state : states) {
      if (!state.listeners().isEmpty()) {
        listened.put(state.name, state);
        all.add(having(state));
      }
    }
    if (all.isEmpty()) {
      synchronized (this) {
        followed = isStale ? followed : List.of();
      }
      return true;
    }
    boolean isBetter = true;
    for (Sights.Sight sight : others(all)) {
      ConfigState state = listened.get(sight.name);
      if (state == null) {
        continue;
      }
      Config before = state.newest();
      boolean isFound = asking.ask(state);
      if (!isFound && sight.id == null && before != null) {
        notThere.put(state.name, before);
      } else if (state.newest() == before) {
        isBetter = false; // another node knows already; or it is known here, and there not yet
      }
    }
    return isBetter;
  }

  private List<Sights.Sight> others(List<Sights.Having> all) throws InterruptedException {
    synchronized (this) {
      checkOpen();
      if (isStale) {
        return List.of();
      }
      waiting = Thread.currentThread();
    }
    try {
      return sights.others(all, wait);
    } finally {
      synchronized (this) {
        waiting = null;
        if (isStale && !closed) {
          Thread.interrupted(); // it was to end that request, and no other
        }
      }
    }
  }

  private Sights.Having having(ConfigState state) {
    Config newest = state.newest();
    boolean isThere = newest != null && !newest.isDeleted();
    if (isThere && notThere.get(state.name) == newest) {
      isThere = false; // as far as the server knows: it was told so already
    } else {
      notThere.remove(state.name);
    }
    return new Sights.Having(state.name, isThere ? newest.id() : null, state.md5());
  }
}
