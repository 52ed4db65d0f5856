package io.posthaste.client;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tells the server which versions listeners were told of, several at once: for those who want to
 * know who has what. What fails is not repeated: the next list of {@link SightWatch} says it all.
 */
final class HadReports {
  private static final long GATHERING_MILLIS = 50;

  private final Http http;
  private final Sights sights;
  private final ScheduledExecutorService clock;
  private final Set<ConfigState> waiting = new LinkedHashSet<>(); // guarded by itself

  HadReports(Http http, Sights sights, ScheduledExecutorService clock) {
    this.http = http;
    this.sights = sights;
    this.clock = clock;
  }

  /** Listeners were told of what this holds. */
  void has(ConfigState state) {
    synchronized (waiting) {
      boolean isFirst = waiting.isEmpty();
      waiting.add(state);
      if (isFirst) {
        clock.schedule(() -> http.run(this::report), GATHERING_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private void report() {
    List<Sights.Having> all = new ArrayList<>();
    synchronized (waiting) {
      waiting.forEach(state -> all.add(new Sights.Having(state.name, null, state.md5())));
      waiting.clear();
    }
    try {
      sights.had(all);
    } catch (RuntimeException e) {
      Logs.LOGGER.log(Level.DEBUG, "the server was not told what is used: {0}", e);
    }
  }
}
