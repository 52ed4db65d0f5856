package io.posthaste.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads all configs that are listened to, by one subscription.
 *
 * <pre>
 * new names come ── gathered for a moment ── asked for their newest version, many by one request
 *        ^                                                   |
 *        |                                                   v
 *        +──── wait <──── one subscription of all names, from the cursor of the one before,
 *                         or from where the answers stood
 * </pre>
 *
 * What is asked about first and subscribed to from an earlier cursor is heard again; {@link
 * ConfigState} drops it by its id. Only the newest version of each config is asked for: a reader
 * who was away is not told of what no longer holds.
 */
final class ConfigReader implements Runnable {
  /** A server's limit of topics of one reader. */
  static final int MOST = 10_000;

  private static final Duration GATHERING = Duration.ofMillis(5);

  /** Of the names in one request's URL, percent-encoded. */
  private static final int MOST_URL_CHARS = 12_000;

  private static final int MOST_AT_ONCE = 1_000;

  private final Posthaste client;
  private final Told told;
  private final Snapshots snapshots;
  private final Sights sights;
  private final SightWatch watch;
  private final Backoff backoff;
  private final Backoff afterRefusal;
  private final Map<ConfigName, ConfigState> states = new LinkedHashMap<>();
  private final Set<ConfigName> fresh = new HashSet<>();
  private volatile boolean refused;
  private volatile boolean reachable = true;
  private volatile @Nullable Subscription subscription; // written by the one thread that runs

  /** Who is told, by any thread, and must not take long. */
  interface Told {
    /** A config may have another version. */
    void changed(ConfigState state);

    /** It will not be asked for again. */
    void refused(ConfigState state, RefusedException why);
  }

  ConfigReader(Posthaste client, Options options, Snapshots snapshots, Sights sights, Told told) {
    this.client = client;
    this.snapshots = snapshots;
    this.sights = sights;
    this.watch = new SightWatch(sights, options, this::askAgain);
    this.told = told;
    this.backoff = new Backoff(options.firstBackoff, options.longestBackoff);
    this.afterRefusal = new Backoff(options.firstBackoff, options.longestBackoff);
  }

  /** What hears of gray versions, by a thread of its own. */
  SightWatch watch() {
    return watch;
  }

  /** Reads a config from now on, for one more listener. */
  synchronized Listening listen(ConfigName name, ConfigListener listener) {
    ConfigState state = states.get(name);
    if (state == null) {
      if (states.size() == MOST) {
        throw new IllegalStateException(
            "configs: more than " + MOST + " of one client (expected: a second client)");
      }
      state = new ConfigState(name);
      states.put(name, state);
      fresh.add(name);
      notifyAll();
    }
    Listening listening = new Listening(state, listener, this::leave);
    state.add(listening);
    return listening;
  }

  /** Forgets a config that nobody listens to. Until the next subscription it is still read. */
  private synchronized void leave(ConfigState state) {
    if (state.listeners().isEmpty() && states.remove(state.name, state)) {
      fresh.remove(state.name);
    }
  }

  synchronized List<ConfigState> states() {
    return List.copyOf(states.values());
  }

  private synchronized @Nullable ConfigState state(ConfigName name) {
    return states.get(name);
  }

  /** Whether a server answered when one was asked last. */
  boolean isReachable() {
    return reachable;
  }

  /** Takes note of whether somebody else could reach a server, unless it is known better here. */
  void couldReach(boolean could) {
    Subscription reading = subscription;
    if (reading == null || reading.technique().isEmpty()) {
      reachable = could;
    }
  }

  @Override
  public void run() {
    try {
      while (true) {
        List<ConfigState> added = awaitFresh();
        try {
          read(added);
          backoff.reset();
          reachable = true;
        } catch (UnreachableException e) {
          reachable = false;
          againLater(added, e);
        } catch (RuntimeException e) {
          againLater(added, e);
        }
      }
    } catch (InterruptedException e) {
      // closed: that is what ends this thread
    }
  }

  private List<ConfigState> awaitFresh() throws InterruptedException {
    synchronized (this) {
      while (fresh.isEmpty()) {
        wait();
      }
    }
    Thread.sleep(GATHERING.toMillis()); // an application that begins comes with many
    if (refused) {
      refused = false;
      Thread.sleep(afterRefusal.next().toMillis());
    }
    synchronized (this) {
      List<ConfigState> added = new ArrayList<>();
      for (ConfigName name : fresh) {
        ConfigState state = states.get(name);
        if (state != null) {
          added.add(state);
        }
      }
      fresh.clear();
      return added;
    }
  }

  private void againLater(List<ConfigState> added, RuntimeException why)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("closed");
    }
    for (ConfigState state : added) {
      Config kept = state.newest() == null ? snapshots.of(state.name) : null;
      if (kept != null && state.learn(kept)) {
        told.changed(state);
      }
    }
    Duration pause = backoff.next();
    Level level = backoff.failures() == 1 ? Level.WARNING : Level.DEBUG;
    Logs.LOGGER.log(level, "configs cannot be asked for, again in {0}: {1}", pause, why);
    synchronized (this) {
      added.stream().map(state -> state.name).filter(states::containsKey).forEach(fresh::add);
    }
    Thread.sleep(pause.toMillis());
  }

  private void read(List<ConfigState> added) {
    Subscription old = subscription;
    // From before anything is asked: where the old one comes to meanwhile is beyond the answers.
    String cursor = old == null ? null : old.cursor().orElse(null);
    for (List<ConfigState> part : parts(added)) {
      String next = ask(part);
      cursor = cursor == null ? next : cursor;
    }
    subscribe(cursor);
    watch.follow(states());
  }

  /** So many names as a request can hold. */
  private static List<List<ConfigState>> parts(List<ConfigState> states) {
    List<List<ConfigState>> parts = new ArrayList<>();
    int chars = MOST_URL_CHARS;
    for (ConfigState state : states) {
      int more = Paths.encode(state.name.topic()).length() + 7; // &topic=
      if (chars + more > MOST_URL_CHARS || parts.get(parts.size() - 1).size() == MOST_AT_ONCE) {
        parts.add(new ArrayList<>());
        chars = 0;
      }
      parts.get(parts.size() - 1).add(state);
      chars += more;
    }
    return parts;
  }

  /** Asks for the newest versions; where the answer stood, null if all are refused. */
  private @Nullable String ask(List<ConfigState> part) {
    List<String> topics = new ArrayList<>();
    part.forEach(state -> topics.add(state.name.topic()));
    Reading reading =
        Reading.of(topics).fromTheBeginning().onlyLatest().limit(Math.min(100, topics.size()));
    try {
      Set<ConfigName> found = askForGray(part);
      Page page = client.poll(reading);
      String cursor = page.next();
      while (true) {
        for (Message message : page.messages()) {
          found.add(learn(message));
        }
        if (!page.more()) {
          break;
        }
        page = client.poll(reading.after(page.next()));
        cursor = page.next();
      }
      part.stream().filter(state -> !found.contains(state.name)).forEach(this::isUnknown);
      return cursor;
    } catch (RefusedException e) {
      if (part.size() == 1) {
        refuse(part.get(0), e);
        return null;
      }
      String cursor = null;
      for (ConfigState state : part) {
        String next = ask(List.of(state));
        cursor = cursor == null ? next : cursor;
      }
      return cursor;
    }
  }

  /**
   * First of all, so that nobody begins with the version for all, for whom a gray one is meant.
   *
   * @return whose version was found
   */
  private Set<ConfigName> askForGray(List<ConfigState> part) {
    Set<ConfigName> found = new HashSet<>();
    List<Sights.Having> nothing = new ArrayList<>();
    part.forEach(state -> nothing.add(new Sights.Having(state.name, null, null)));
    try {
      for (Sights.Sight sight : sights.others(nothing, Duration.ZERO)) {
        ConfigState state = sight.isGray ? state(sight.name) : null;
        if (state != null && askAgain(state)) {
          found.add(sight.name);
        }
      }
    } catch (RefusedException e) {
      Logs.LOGGER.log(Level.DEBUG, "gray versions are not told: {0}", e.getMessage());
    }
    return found;
  }

  /**
   * Asks for the version that is meant for this instance.
   *
   * @return whether the server knows something of it
   */
  private boolean askAgain(ConfigState state) {
    Config before = state.newest();
    Config shown = Configs.shown(client, sights, state.name);
    if (shown == null && before != null && before.isGray()) {
      shown = before.ended(); // it is gone, and there never was one for all
    }
    if (shown != null && state.take(before, shown)) {
      told.changed(state);
    }
    return shown != null;
  }

  /** Whose version that is; null if nobody listens to it any more. */
  private @Nullable ConfigName learn(Message message) {
    ConfigName name = ConfigName.ofTopic(message.topic());
    ConfigState state = name == null ? null : state(name);
    if (state == null) {
      return null;
    }
    if (state.learn(Config.of(state.name, message))) {
      told.changed(state);
    }
    return name;
  }

  private void isUnknown(ConfigState state) {
    Config kept = state.newest() == null ? snapshots.ofUnknown(state.name) : null;
    if (kept != null && state.learn(kept)) {
      told.changed(state);
    }
  }

  private void refuse(ConfigState state, RefusedException why) {
    synchronized (this) {
      states.remove(state.name, state);
    }
    told.refused(state, why);
  }

  private void subscribe(@Nullable String cursor) {
    List<String> topics = new ArrayList<>();
    states().forEach(state -> topics.add(state.name.topic()));
    Subscription old = subscription;
    if (old != null) {
      old.close();
    }
    if (topics.isEmpty()) {
      subscription = null;
      return;
    }
    Reading all = Reading.of(topics).onlyLatest();
    subscription =
        client.subscribe(
            cursor == null ? all.fromTheBeginning() : all.after(cursor), new Updates());
  }

  /** What the subscription of all configs hears. */
  private final class Updates implements Listener {
    @Override
    public void onMessage(Message message) {
      learn(message);
    }

    @Override
    public void onConnected(Technique technique) {
      reachable = true;
      afterRefusal.reset();
    }

    @Override
    public void onTrouble(Exception why, int failures, Duration pause) throws Exception {
      reachable = false;
      Listener.super.onTrouble(why, failures, pause);
    }

    @Override
    public void onRefused(RefusedException why) {
      synchronized (ConfigReader.this) {
        refused = true; // of which one of them, is found out one by one
        fresh.addAll(states.keySet());
        ConfigReader.this.notifyAll();
      }
    }
  }
}
