package io.posthaste.door.apollo;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.Instance;
import io.posthaste.config.Sight;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where the text of a namespace may come from, the first place that has one winning: the cluster,
 * the data centre, the default cluster. Its own application's text stands over that of the
 * application whose public namespace it is.
 *
 * @param own of the application that asks
 * @param shared of the one that has it as a public namespace; empty if that is none, or the same
 */
record Places(List<ConfigKey> own, List<ConfigKey> shared) {
  /** What stands for an absent id of an application: such a client sees only what is public. */
  static final String NO_APP = "ApolloNoAppIdPlaceHolder";

  /**
   * A config that was found, and the version of it that is seen.
   *
   * @param key which config
   * @param sight which version
   */
  record Found(ConfigKey key, Sight sight) {}

  /**
   * Whether a namespace is every application's own, whatever somebody else says: the one with which
   * clients begin.
   */
  static boolean isAlwaysOwn(NamespaceName name) {
    return name.shown().equalsIgnoreCase("application");
  }

  static Places of(Apps apps, String appId, String cluster, String dataCenter, NamespaceName name) {
    @Nullable String owner = isAlwaysOwn(name) ? null : apps.owner(name.config());
    boolean isOwn =
        owner == null
            || owner.equals(appId)
            || apps.find(appId).flatMap(app -> app.namespace(name.config())).isPresent();
    List<ConfigKey> own =
        !isOwn && appId.equals(NO_APP) ? List.of() : keys(appId, cluster, dataCenter, name);
    return new Places(
        own, isOwn || owner == null ? List.of() : keys(owner, cluster, dataCenter, name));
  }

  private static List<ConfigKey> keys(
      String appId, String cluster, String dataCenter, NamespaceName name) {
    List<ConfigKey> keys = new ArrayList<>(3);
    for (String one : List.of(cluster, dataCenter, Clusters.DEFAULT)) {
      if (!one.isEmpty()) {
        ConfigKey key = new ConfigKey(Clusters.namespace(one), appId, name.config());
        if (!keys.contains(key)) {
          keys.add(key);
        }
      }
    }
    return keys;
  }

  /**
   * Without what is shared and who asks may not read: that it is shared somebody else has said, and
   * it is not to keep anybody from what is his own.
   */
  Places readable(Predicate<ConfigKey> mayRead) {
    return shared.stream().allMatch(mayRead)
        ? this
        : new Places(own, shared.stream().filter(mayRead).toList());
  }

  /** Both. */
  List<ConfigKey> all() {
    if (shared.isEmpty()) {
      return own;
    }
    List<ConfigKey> all = new ArrayList<>(own);
    all.addAll(shared);
    return all;
  }

  /**
   * What an instance sees: at most two, of which the first stands over the second.
   *
   * @param mayRead what whoever asks may read
   */
  List<Found> find(
      Configs configs, Spellings spellings, Instance instance, Predicate<ConfigKey> mayRead) {
    List<Found> found = new ArrayList<>(2);
    for (List<ConfigKey> keys : List.of(own, shared)) {
      for (ConfigKey key : keys) {
        ConfigKey there = spellings.find(key, mayRead);
        Sight sight = there == null ? null : configs.view(there).of(instance).orElse(null);
        if (there != null && sight != null) {
          found.add(new Found(there, sight));
          break;
        }
      }
    }
    return found;
  }
}
