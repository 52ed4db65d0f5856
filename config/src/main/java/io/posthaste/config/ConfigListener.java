package io.posthaste.config;

import java.util.List;

/** Hears which configs have changed. */
@FunctionalInterface
public interface ConfigListener {
  /**
   * These have changed; what {@link Configs#md5} and {@link Configs#get} say is by now the new
   * state, or a newer one. Called by a shard's thread, which must not be blocked.
   */
  void onChanged(List<ConfigKey> keys);
}
