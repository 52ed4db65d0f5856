package io.posthaste.access;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** What anybody may show is told in logs by its first part, so that must be fit to be. */
  private static final Pattern SHAPE =
      Pattern.compile(PREFIX + "(?<key>[a-z0-9]{1,12})_(?<secret>[A-Za-z0-9_-]{1,64})");

  /** Its two parts as they are in the text that its holder has; null if it is no such text. */
  static @Nullable List<String> parts(String text) {
    Matcher parts = SHAPE.matcher(text);
    return parts.matches() ? List.of(parts.group("key"), parts.group("secret")) : null;
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
