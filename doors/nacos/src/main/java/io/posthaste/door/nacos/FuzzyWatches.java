package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The patterns by which one client watches which configs come and go; contents it is not told of.
 * Owned by its shard's thread.
 */
final class FuzzyWatches {
  static final int MOST_PATTERNS = 20;
  static final int MOST_MATCHES = 500;

  /** How many names one message brings. */
  private static final int BATCH = 20;

  private final GrpcConnection connection;
  private final Configs configs;
  private final Pushes pushes;
  private final Map<FuzzyPattern, Watch> watches = new HashMap<>();
  private int looks; // under way, also those whose pattern was cancelled since

  FuzzyWatches(GrpcConnection connection, Configs configs, Pushes pushes) {
    this.connection = connection;
    this.configs = configs;
    this.pushes = pushes;
  }

  /** A pattern, and what the client knows of those that match it. */
  private static final class Watch {
    final FuzzyPattern pattern;
    final Set<ConfigKey> known = new HashSet<>();
    final Set<ConfigKey> early = new HashSet<>(); // changed before the first look was over
    boolean isLooked;

    Watch(FuzzyPattern pattern) {
      this.pattern = pattern;
    }
  }

  /** Whether so many looks are under way that another should come later. */
  boolean isBusy() {
    return looks >= MOST_PATTERNS;
  }

  /** A look that was begun is over, whatever it has come to. */
  void ended() {
    looks--;
  }

  /** Registers a pattern, before it is looked what matches it; whether there is room for it. */
  boolean begin(FuzzyPattern pattern) {
    if (!watches.containsKey(pattern) && watches.size() >= MOST_PATTERNS) {
      return false;
    }
    watches.put(pattern, new Watch(pattern));
    looks++;
    connection.watches();
    return true;
  }

  /** The patterns are watched no more. */
  void cancel(FuzzyPattern pattern) {
    watches.remove(pattern);
  }

  /**
   * Tells what matched a pattern when it was looked at.
   *
   * @param received what the client knows already
   * @param isFirst whether the client begins, else only differences are told
   */
  void looked(
      FuzzyPattern pattern, List<ConfigKey> matching, Set<ConfigKey> received, boolean isFirst) {
    Watch watch = watches.get(pattern);
    if (watch == null || connection.isEnded()) {
      return;
    }
    Set<ConfigKey> coming = new LinkedHashSet<>(matching);
    coming.removeAll(received);
    Set<ConfigKey> going = new LinkedHashSet<>(received);
    matching.forEach(going::remove);
    List<Line> lines = new ArrayList<>();
    coming.forEach(key -> lines.add(new Line(key, true)));
    going.forEach(key -> lines.add(new Line(key, false)));
    int batches = (lines.size() + BATCH - 1) / BATCH;
    String sync = isFirst ? "FUZZY_WATCH_INIT_NOTIFY" : "FUZZY_WATCH_DIFF_SYNC_NOTIFY";
    for (int i = 0; i < batches; i++) {
      List<Line> some = lines.subList(i * BATCH, Math.min(lines.size(), (i + 1) * BATCH));
      pushes.tell(new Sync(pattern, sync, some, batches, i + 1, this::mayRead));
    }
    if (isFirst) {
      pushes.tell(
          new Sync(
              pattern,
              "FINISH_FUZZY_WATCH_INIT_NOTIFY",
              List.of(),
              batches,
              batches,
              this::mayRead));
    }
    watch.known.addAll(matching);
    watch.isLooked = true;
    watch.early.forEach(key -> pushes.tell(new Change(watch, key)));
    watch.early.clear();
  }

  /** These have changed: it is told which of them have come or gone. */
  void changed(List<ConfigKey> keys) {
    for (Watch watch : watches.values()) {
      for (ConfigKey key : keys) {
        if (watch.pattern.matches(key) && mayRead(key)) {
          if (watch.isLooked) {
            changed(watch, key);
          } else {
            watch.early.add(key);
          }
        }
      }
    }
  }

  private void changed(Watch watch, ConfigKey key) {
    boolean isKnown = watch.known.contains(key);
    boolean isThere = configs.md5(key) != null;
    Change change = new Change(watch, key);
    if (isKnown == isThere) {
      pushes.tellAgain(change); // what it was told of may hold no more by when it acknowledges
    } else if (isKnown || watch.known.size() < MOST_MATCHES) {
      pushes.tell(change);
    }
  }

  private boolean mayRead(ConfigKey key) {
    return connection.session().mayRead(key.topic());
  }

  void end() {
    watches.clear();
  }

  private record Line(ConfigKey key, boolean isThere) {
    String change() {
      return isThere ? "ADD_CONFIG" : "DELETE_CONFIG";
    }
  }

  /** Names that match, in one message. */
  private record Sync(
      FuzzyPattern pattern,
      String sync,
      List<Line> lines,
      int total,
      int number,
      Predicate<ConfigKey> mayRead)
      implements Notice {
    @Override
    public String type() {
      return "ConfigFuzzyWatchSyncRequest";
    }

    @Override
    public ObjectNode json() {
      ObjectNode json =
          Answers.JSON
              .createObjectNode()
              .put("groupKeyPattern", pattern.toString())
              .put("syncType", sync)
              .put("totalBatch", total)
              .put("currentBatch", number);
      ArrayNode contexts = json.putArray("contexts");
      for (Line line : lines) {
        // It may have waited long, or be said again.
        if (!line.isThere || mayRead.test(line.key)) {
          contexts
              .addObject()
              .put("groupKey", pattern.groupKey(line.key))
              .put("changedType", line.change());
        }
      }
      return json;
    }

    @Override
    public boolean onAcknowledged() {
      return true;
    }
  }

  /** That a config has come or gone. The same is told once at a time. */
  private final class Change implements Notice {
    private final Watch watch;
    private final ConfigKey key;
    private boolean isThere; // as was said last
    private boolean isSaid; // and is not acknowledged yet: the client may know it or not

    Change(Watch watch, ConfigKey key) {
      this.watch = watch;
      this.key = key;
    }

    @Override
    public String type() {
      return "ConfigFuzzyWatchChangeNotifyRequest";
    }

    @Override
    public @Nullable ObjectNode json() {
      isThere = configs.md5(key) != null;
      boolean isNews = isSaid || isThere != watch.known.contains(key);
      if (watches.get(watch.pattern) != watch || !isNews || !mayRead(key)) {
        return null;
      }
      isSaid = true;
      Line line = new Line(key, isThere);
      return Answers.JSON
          .createObjectNode()
          .put("groupKey", watch.pattern.groupKey(key))
          .put("changeType", line.change());
    }

    @Override
    public boolean onAcknowledged() {
      isSaid = false;
      if (isThere) {
        watch.known.add(key);
      } else {
        watch.known.remove(key);
      }
      return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Change change && change.watch == watch && change.key.equals(key);
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(watch) + key.hashCode();
    }
  }
}
