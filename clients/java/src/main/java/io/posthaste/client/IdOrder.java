package io.posthaste.client;

import org.jspecify.annotations.Nullable;

/**
 * Which of two versions is the later one. An id is opaque to applications; this client knows how
 * its servers spell them, {@code epoch-partition.sequence} with numbers in base 36, and takes what
 * it cannot compare for news: a log that was replaced begins anew.
 */
final class IdOrder {
  private static final int RADIX = 36;

  private IdOrder() {}

  /** Whether a version says nothing new to whoever knows the newest one: it is that, or older. */
  static boolean isKnown(String id, @Nullable String newest) {
    if (newest == null || id.equals(newest)) {
      return newest != null;
    }
    int dot = id.lastIndexOf('.');
    if (dot < 0 || dot != newest.lastIndexOf('.') || !newest.startsWith(id.substring(0, dot + 1))) {
      return false;
    }
    try {
      return Long.parseLong(id.substring(dot + 1), RADIX)
          < Long.parseLong(newest.substring(dot + 1), RADIX);
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
