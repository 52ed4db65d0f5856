package io.posthaste.client;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Digests as text. */
final class Digests {
  private Digests() {}

  /** Of bytes, in hexadecimal, by an algorithm that every Java has. */
  static String hex(String algorithm, byte[] bytes) {
    byte[] digest;
    try {
      digest = MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(algorithm + ", which every Java has", e);
    }
    StringBuilder hex = new StringBuilder(digest.length * 2);
    for (byte b : digest) {
      hex.append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
    }
    return hex.toString();
  }
}
