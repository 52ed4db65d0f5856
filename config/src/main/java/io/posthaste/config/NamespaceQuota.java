package io.posthaste.config;

import io.posthaste.core.MalformedException;

/**
 * How much a namespace may hold. What is there already stays when a quota is set below it; it may
 * be replaced by what is no larger, and deleted.
 *
 * @param configs how many configs
 * @param bytes how large their contents may be together
 * @param bytesOfOne how large each of them, and each of their gray versions
 */
public record NamespaceQuota(long configs, long bytes, long bytesOfOne) {
  /** As one of the three: no limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** No limits. */
  public static final NamespaceQuota NONE = new NamespaceQuota(UNLIMITED, UNLIMITED, UNLIMITED);

  /**
   * @throws MalformedException if one is below 0
   */
  public NamespaceQuota {
    check("configs", configs);
    check("bytes", bytes);
    check("bytesOfOne", bytesOfOne);
  }

  private static void check(String what, long limit) {
    if (limit < 0) {
      throw new MalformedException(
          "quota: " + what + " is " + limit + " (expected: 0 or above, or none)");
    }
  }

  /** Whether it limits anything. */
  public boolean isNone() {
    return equals(NONE);
  }
}
