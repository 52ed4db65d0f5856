package io.posthaste.core;

import java.security.SecureRandom;

/** Makes identities for logs. */
public final class Epoch {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Epoch() {}

  /** A new identity that no other log has: 13 characters of {@code 0-9a-z}, some 63 random bits. */
  public static String random() {
    String digits = Long.toString(RANDOM.nextLong() & Long.MAX_VALUE, Character.MAX_RADIX);
    return "0".repeat(13 - digits.length()) + digits;
  }
}
