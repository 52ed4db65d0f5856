package io.posthaste.app.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Secrets of 128 random bits, as text that a URL can hold, and their digests, which tell nothing of
 * them and so may be kept where others can read.
 */
final class Secrets {
  private static final int BYTES = 16;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final SecureRandom random = new SecureRandom();

  String make() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return BASE64.encodeToString(bytes);
  }

  static String digest(String secret) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
      return BASE64.encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Whether this is the secret of that digest; takes as long whichever it is. */
  static boolean isOf(String secret, String digest) {
    return MessageDigest.isEqual(digest(secret).getBytes(UTF_8), digest.getBytes(UTF_8));
  }
}
