package io.posthaste.client;

import static java.util.Objects.requireNonNull;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Configs: versioned texts that many programs follow.
 *
 * <pre>{@code
 * Configs configs = client.configs();
 * configs.listen(ConfigName.of("shop.yaml"), change -> apply(change.now()));
 * configs.publish(ConfigEdit.of(ConfigName.of("shop.yaml"), "price: 2"));
 * }</pre>
 *
 * <p>All configs that are listened to are read over one connection, and a version's content comes
 * with the news of it. Where the client was given directories for it, the last version of each is
 * kept as a snapshot for times when no server can be reached ({@link PosthasteBuilder#snapshots}),
 * and an operator's file stands above them all ({@link PosthasteBuilder#failover}).
 *
 * <p>Safe to be used by many threads. It belongs to its {@link Posthaste} and is closed with it.
 */
public final class Configs {
  private static final int TRIES = 16;
  private static final String CONDITION_FAILED = "conditionFailed";

  private final Posthaste client;
  private final Snapshots snapshots;
  private final Failover failover;
  private final ConfigReader reader;
  private final Sights sights;
  private final HadReports reports;
  private final Thread reading;
  private final Thread watching;
  private final ScheduledThreadPoolExecutor telling;

  Configs(Posthaste client, Options options, Http http, Requests requests) {
    this.client = client;
    this.snapshots = new Snapshots(options.snapshots);
    this.failover = new Failover(options.failover);
    this.telling = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "posthaste-configs"));
    this.sights = new Sights(http, requests);
    this.reports = new HadReports(http, sights, telling);
    this.reader = new ConfigReader(client, options, snapshots, sights, new Telling());
    this.reading = daemon(reader, "posthaste-configs-reader");
    this.watching = daemon(reader.watch(), "posthaste-configs-watch");
    reading.start();
    watching.start();
    if (failover.isPossible()) {
      long millis = options.failoverCheck.toMillis();
      telling.scheduleWithFixedDelay(this::lookForFailover, millis, millis, TimeUnit.MILLISECONDS);
    }
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * A config's version: the operator's file if there is one, else what a server says, which may be
   * a gray version that is meant for this instance ({@link Config#gray}), else, if none can be
   * reached or it knows nothing of this config, the snapshot. {@link Config#source} says which.
   *
   * @return empty if there is none, or it was deleted
   * @throws RefusedException if the server refuses
   * @throws UnreachableException if no server could be reached, and there is no snapshot
   */
  public Optional<Config> get(ConfigName name) {
    Config file = failover.of(requireNonNull(name, "name"), null);
    if (file != null) {
      return Optional.of(file);
    }
    Config found;
    try {
      found = shown(client, sights, name);
      reader.couldReach(true);
      if (found != null) {
        snapshots.keep(found);
      } else {
        found = snapshots.ofUnknown(name);
      }
    } catch (UnreachableException e) {
      reader.couldReach(false);
      found = Thread.currentThread().isInterrupted() ? null : snapshots.of(name);
      if (found == null) {
        throw e;
      }
      Logs.LOGGER.log(Level.WARNING, "the snapshot {0} is used: {1}", found, e.getMessage());
    }
    return Optional.ofNullable(found).filter(config -> !config.isDeleted());
  }

  /** What there is of a config without asking anybody: the operator's file, else the snapshot. */
  public Optional<Config> kept(ConfigName name) {
    Config file = failover.of(requireNonNull(name, "name"), null);
    return Optional.ofNullable(file == null ? snapshots.of(name) : file)
        .filter(config -> !config.isDeleted());
  }

  /**
   * What the server has for this instance, which may be that the config was deleted; null if it
   * knows nothing of it.
   */
  static @Nullable Config shown(Posthaste client, Sights sights, ConfigName name) {
    Config shown = sights.shown(name);
    return shown == null ? newest(client, name) : shown;
  }

  /** The same of the version for all. */
  private static @Nullable Config newest(Posthaste client, ConfigName name) {
    Reading reading = Reading.of(name.topic()).fromTheBeginning().onlyLatest().limit(1);
    List<Message> messages = client.poll(reading).messages();
    return messages.isEmpty() ? null : Config.of(name, messages.get(0));
  }

  /**
   * Tells a listener of a config from now on: of the version that there is, then of each newer one.
   * Returns at once; if no server can be reached the listener is told of the snapshot, and of what
   * is newer when one can. Many may be listened to, 10,000 by one client.
   */
  public Listening listen(ConfigName name, ConfigListener listener) {
    requireNonNull(listener, "listener");
    Listening listening = reader.listen(requireNonNull(name, "name"), listener);
    tell(listening.state());
    return listening;
  }

  /**
   * Publishes a version. When this returns it is on disk, and whoever listens hears.
   *
   * @throws RefusedException among others if its condition does not hold: {@code conditionFailed}
   */
  public Published publish(ConfigEdit edit) {
    String md5 = edit.md5();
    if (md5 == null) {
      return client.publish(edit.publication());
    }
    RefusedException failed = null;
    for (int tries = 0; tries < TRIES; tries++) {
      Config newest = newest(client, edit.name());
      if (newest == null || newest.isDeleted() || !newest.md5().equalsIgnoreCase(md5)) {
        throw new RefusedException(
            CONDITION_FAILED,
            "the latest version has another MD5 than " + md5,
            newest == null ? null : newest.id());
      }
      try {
        return client.publish(edit.ifLatest(newest.id()).publication());
      } catch (RefusedException e) {
        if (!e.code().equals(CONDITION_FAILED)) {
          throw e;
        }
        failed = e; // somebody came between, but perhaps with the same content
      }
    }
    throw requireNonNull(failed);
  }

  /**
   * Deletes a config; its versions are still kept.
   *
   * @return whether there was something to delete
   */
  public boolean delete(ConfigName name) {
    return client.delete(name.topic());
  }

  /**
   * Whether a server could be reached when it was last tried, by {@link #get} or for what is
   * listened to; true before.
   */
  public boolean isReachable() {
    return reader.isReachable();
  }

  /** Tells listeners, by the one thread for that. */
  private final class Telling implements ConfigReader.Told {
    @Override
    public void changed(ConfigState state) {
      tell(state);
    }

    @Override
    public void refused(ConfigState state, RefusedException why) {
      run(() -> state.listeners().forEach(listening -> listening.refuse(why)));
    }
  }

  private void tell(ConfigState state) {
    if (state.beginsToWait()) {
      run(() -> tellNow(state));
    }
  }

  private void run(Runnable task) {
    try {
      telling.execute(task);
    } catch (RejectedExecutionException closed) {
      // nobody is told any more
    }
  }

  private void tellNow(ConfigState state) {
    state.endsToWait();
    state.look(failover);
    state.listeners().forEach(Listening::tell);
    Config newest = state.newest();
    if (newest != null && newest.source() == Config.Source.SERVER) {
      snapshots.keep(newest);
    }
    reports.has(state); // last, as it is refused once the client is closed
  }

  private void lookForFailover() {
    for (ConfigState state : reader.states()) {
      if (state.look(failover)) {
        state.listeners().forEach(Listening::tell);
        reports.has(state);
      }
    }
  }

  void close() {
    reading.interrupt();
    reader.watch().close();
    watching.interrupt();
    telling.shutdownNow();
  }
}
