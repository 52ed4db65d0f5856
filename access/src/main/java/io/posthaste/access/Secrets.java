package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Random bytes and digests. Thread-safe. */
final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String NAME_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
  private static final int NAME_LENGTH = 12;

  private Secrets() {}

  static byte[] random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return random;
  }

  /** 256 random bits as text for a URL. */
  static String secret() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random(32));
  }

  /** A name that no other thing has: 60 random bits. */
  static String name() {
    StringBuilder name = new StringBuilder(NAME_LENGTH);
    for (byte b : random(NAME_LENGTH)) {
      name.append(NAME_LETTERS.charAt(b & 31));
    }
    return name.toString();
  }

  /** SHA-256 of a text, in hexadecimal. */
  static String digest(String text) {
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(UTF_8)));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Whether two texts are the same, in a time that does not tell where they differ. */
  static boolean isSame(String one, String other) {
    return MessageDigest.isEqual(one.getBytes(UTF_8), other.getBytes(UTF_8));
  }
}
