package io.posthaste.config;

import org.jspecify.annotations.Nullable;

/** That an instance listens to a config, and what it says to have of it. */
public interface Listened {
  /** Which. */
  ConfigKey key();

  /** The MD5 of the content that it has; null if it has none. */
  @Nullable Md5 md5();
}
