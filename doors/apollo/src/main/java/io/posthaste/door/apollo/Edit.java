package io.posthaste.door.apollo;

import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import org.jspecify.annotations.Nullable;

/**
 * A change of one item that is not released yet.
 *
 * @param key of the item
 * @param value its new value; null if it is taken away
 * @param comment its new comment; null if that stays
 * @param replaces the digest of the value that whoever made the edit has seen; null if there was
 *     none
 * @param author who made it
 * @param timeMillis when, in milliseconds since 1970
 */
record Edit(
    String key,
    @Nullable String value,
    @Nullable String comment,
    @Nullable Md5 replaces,
    String author,
    long timeMillis) {
  /** How much is said in it: a byte a character at least. */
  long bytes() {
    return key.length()
        + (value == null ? 0 : value.length())
        + (comment == null ? 0 : comment.length());
  }

  /** What an edit remembers of the value that it replaces. */
  static @Nullable Md5 digest(@Nullable String value) {
    return value == null ? null : Md5.of(Payload.of(value));
  }
}
