package io.posthaste.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key by which a program proves that it may act for somebody: by showing it, or by signing with
 * it. Its secret has 256 random bits, so a plain digest of it is as hard to undo as a slow one, and
 * is checked in a microsecond. What signs must be known to whoever checks, so it is kept as it is.
 *
 * @param key what it is called by in lists, and begins with
 * @param owner the id of whom it acts for
 * @param ownerSince when that account was made: it does not act for a later one of that id
 * @param name what its owner calls it
 * @param digest SHA-256 of its secret, in hexadecimal; null if it signs
 * @param signingSecret its secret, if it signs; null if it is shown
 * @param createdMillis when it was made, in milliseconds since 1970
 * @param expiresMillis when it ends; {@link Session#NEVER} if never
 */
record ApiKey(
    String key,
    String owner,
    long ownerSince,
    String name,
    @Nullable String digest,
    @Nullable String signingSecret,
    long createdMillis,
    long expiresMillis) {
  static final String PREFIX = "ph_";

  /** What the secrets of keys that sign begin with, so that a search for leaked ones finds them. */
  static final String SIGNING_PREFIX = "phs_";

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
