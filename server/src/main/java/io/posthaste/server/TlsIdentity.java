package io.posthaste.server;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Who a server is: a private key, and the certificates that say whose it is.
 *
 * @param chain the server's own certificate first, then those that vouch for it
 */
record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
  TlsIdentity {
    chain = List.copyOf(chain);
  }

  X509Certificate certificate() {
    return chain.get(0);
  }

  /**
   * Checks what a client could not tell us: that the key is the certificate's, and that it is valid
   * today.
   */
  void check(Instant now) throws TlsException {
    X509Certificate own = certificate();
    if (own.getNotAfter().before(Date.from(now))) {
      throw new TlsException(
          "certificate: expired at "
              + own.getNotAfter().toInstant()
              + " (expected: one that is valid now)");
    }
    if (own.getNotBefore().after(Date.from(now))) {
      throw new TlsException(
          "certificate: not valid before "
              + own.getNotBefore().toInstant()
              + " (expected: one that is valid now; this machine's clock says "
              + now
              + ")");
    }
    if (!isPair(key, own.getPublicKey())) {
      throw new TlsException(
          "key: not that of the certificate of "
              + own.getSubjectX500Principal().getName()
              + " (expected: the one that it was made for)");
    }
  }

  private static boolean isPair(PrivateKey key, PublicKey certified) throws TlsException {
    String algorithm =
        switch (certified.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "Ed25519", "EdDSA" -> "Ed25519";
          default ->
              throw new TlsException(
                  "certificate: a key of " + certified.getAlgorithm() + " (expected: RSA or EC)");
        };
    try {
      byte[] said = "whose key is this?".getBytes(StandardCharsets.US_ASCII);
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(key);
      signing.update(said);
      byte[] signature = signing.sign();
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(certified);
      verifying.update(said);
      return verifying.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // of another kind than the certificate's, or of another curve
    }
  }

  /** SHA-256 of a certificate, as OpenSSL prints it. */
  static String fingerprint(X509Certificate certificate) throws CertificateEncodingException {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.ofDelimiter(":").formatHex(hash).toUpperCase(Locale.ROOT);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a JDK without SHA-256", e);
    }
  }
}
