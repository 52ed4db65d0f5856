package io.posthaste.door.apollo;

import io.posthaste.config.ConfigKey;

/** A cluster of Apollo's is a namespace of configs; its {@code default} is their {@code public}. */
final class Clusters {
  static final String DEFAULT = "default";

  private Clusters() {}

  static String namespace(String cluster) {
    return cluster.equals(DEFAULT) ? ConfigKey.DEFAULT_NAMESPACE : cluster;
  }

  static String cluster(String namespace) {
    return namespace.equals(ConfigKey.DEFAULT_NAMESPACE) ? DEFAULT : namespace;
  }
}
