package io.posthaste.door.apollo;

import io.posthaste.config.Audience;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Instance;
import io.posthaste.core.Id;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Those who poll here, by what their polls and their gets say alike. Who only gets is not known:
 * nobody could tell when it is gone. Thread-safe.
 */
final class Callers {
  private static final int LEAST_SWEPT = 256;

  /** Beyond so many newcomers are served and not known. Some hundred bytes each. */
  private static final int MOST = 100_000;

  /**
   * Who polls, as far as polls say.
   *
   * @param from where it asks from, so that nobody else speaks for it
   * @param address what it says of that, else the same
   * @param appId which application
   * @param cluster the cluster that it asks for
   * @param dataCenter the data centre that it says; empty for none
   */
  record Name(String from, String address, String appId, String cluster, String dataCenter) {}

  private final Audience audience;
  private final Spellings spellings;
  private final Map<Name, Caller> callers = new ConcurrentHashMap<>();
  private volatile int sweptAbove = LEAST_SWEPT;

  Callers(Audience audience, Spellings spellings) {
    this.audience = audience;
    this.spellings = spellings;
  }

  /** A poll begins; whoever asks for its caller {@link Caller#end ends} it. */
  Caller begin(Name name) {
    if (callers.size() > sweptAbove) {
      sweep();
    }
    if (callers.size() >= MOST && !callers.containsKey(name)) {
      Caller unknown = new Caller(audience);
      unknown.begin();
      return unknown;
    }
    return callers.compute(
        name,
        (same, known) -> {
          Caller caller = known == null ? new Caller(audience) : known;
          caller.begin();
          return caller;
        });
  }

  /** Seldom enough that it costs each who begins a look or two. */
  private void sweep() {
    for (Name name : callers.keySet()) {
      callers.computeIfPresent(name, (same, caller) -> caller.isOver() ? null : caller);
    }
    sweptAbove = Math.max(LEAST_SWEPT, 2 * callers.size());
  }

  /** Those who poll are told of a change of all spellings of a name. */
  void told(Caller caller, ConfigKey folded) {
    spellings.all(folded).forEach(caller::told);
  }

  /**
   * Somebody has asked what an instance sees.
   *
   * @param places where that could have come from
   * @param given what it has by now
   * @param had the versions that it said to have; empty if none that can be ours
   */
  void saw(Name name, Instance instance, Places places, List<Places.Found> given, List<Id> had) {
    Caller caller = callers.get(name);
    if (caller != null) {
      List<ConfigKey> keys = given.stream().map(Places.Found::key).toList();
      List<ConfigKey> others =
          places.all().stream()
              .flatMap(key -> spellings.all(Spellings.fold(key)))
              .filter(key -> !keys.contains(key))
              .toList();
      caller.saw(instance, given, others, had);
    }
  }
}
