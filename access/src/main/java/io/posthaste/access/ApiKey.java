package io.posthaste.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key by which a program proves that it may act for somebody. Its secret has 256 random bits, so
 * a plain digest of it is as hard to undo as a slow one, and is checked in a microsecond.
 *
 * @param key what it is called by in lists, and begins with
 * @param owner the id of whom it acts for
 * @param ownerSince when that account was made: it does not act for a later one of that id
 * @param name what its owner calls it
 * @param digest SHA-256 of its secret, in hexadecimal
 * @param createdMillis when it was made, in milliseconds since 1970
 * @param expiresMillis when it ends; {@link Session#NEVER} if never
 */
record ApiKey(
    String key,
    String owner,
    long ownerSince,
    String name,
    String digest,
    long createdMillis,
    long expiresMillis) {
  static final String PREFIX = "ph_";

  /** Its two parts as they are in the text that its holder has; null if it is no such text. */
  static @Nullable List<String> parts(String text) {
    int end = text.indexOf('_', PREFIX.length());
    if (!text.startsWith(PREFIX) || end < 0 || end + 1 == text.length()) {
      return null;
    }
    return List.of(text.substring(PREFIX.length(), end), text.substring(end + 1));
  }

  /** The text that its holder has. */
  static String text(String key, String secret) {
    return PREFIX + key + "_" + secret;
  }

  @Override
  public String toString() {
    return "ApiKey[" + key + "]";
  }
}
