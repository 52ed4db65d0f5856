package io.posthaste.access;

/** How requests are signed (RFC 2104). */
public enum SigningAlgorithm {
  /**
   * Over SHA-1, which the protocols of others want. That two texts with the same SHA-1 can be made
   * does not help to forge this.
   */
  HMAC_SHA1("HmacSHA1"),
  /** Over SHA-256. */
  HMAC_SHA256("HmacSHA256");

  private final String javaName;

  SigningAlgorithm(String javaName) {
    this.javaName = javaName;
  }

  /** As {@link javax.crypto.Mac} calls it. */
  String javaName() {
    return javaName;
  }
}
