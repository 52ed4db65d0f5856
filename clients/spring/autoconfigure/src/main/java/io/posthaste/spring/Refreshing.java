package io.posthaste.spring;

import java.util.Set;

/** Brings changed properties to the beans that use them. */
@FunctionalInterface
interface Refreshing {
  /**
   * Some properties have other values in the environment.
   *
   * @param keys their names
   */
  void refresh(Set<String> keys);
}
