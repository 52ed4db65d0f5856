package io.posthaste.app;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import java.nio.file.Path;

/**
 * A file of an export of Apollo's portal, {@code OWNER/APP/ENV/APP+CLUSTER+NAMESPACE}: the cluster
 * is our namespace ({@code default} is {@code public}), the app our group.
 *
 * @param env the environment; empty if the path names none
 * @param key which config
 */
record ApolloEntry(String env, ConfigKey key) {
  private static final int PARTS = 3;

  /** Whether a name is of that kind. */
  static boolean isOne(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return !last.endsWith(".metadata") && last.split("\\+", -1).length == PARTS;
  }

  /**
   * Reads a name.
   *
   * @throws CommandFailure if it names no config
   */
  static ApolloEntry of(Path file, String name) {
    String[] path = name.split("/", -1);
    String[] parts = path[path.length - 1].split("\\+", -1);
    try {
      return new ApolloEntry(
          path.length > 1 ? path[path.length - 2] : "",
          new ConfigKey(
              parts[1].equals("default") ? ConfigKey.DEFAULT_NAMESPACE : parts[1],
              parts[0],
              parts[2]));
    } catch (MalformedException e) {
      throw new CommandFailure(file + ": " + e.getMessage());
    }
  }
}
