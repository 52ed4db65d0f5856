package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Checks what was signed by the secret of a key. Each check computes at least one signature and
 * compares whole ones, so that its time tells neither whether a key is known nor how near a guess
 * came.
 */
final class Signatures {
  /** By how much the time that was signed may differ from the server's, in milliseconds. */
  static final long SKEW_MILLIS = 60_000;

  private static final int MOST_SIGNATURE_CHARS = 128;
  private static final Proved.Refused REFUSED =
      new Proved.Refused(
          "the signature does not hold (expected: one by a signing key that was not revoked)");

  private final Access access;
  private final String nobodysSecret = Secrets.secret();

  Signatures(Access access) {
    this.access = access;
  }

  /** Who signed that; nothing of it was seen if it is of another time. */
  Proved prove(Credential.Signed shown, @Nullable InetAddress from) {
    long now = access.now();
    if (shown.signedMillis() < now - SKEW_MILLIS || shown.signedMillis() > now + SKEW_MILLIS) {
      return new Proved.Refused(
          "signed at "
              + shown.signedMillis()
              + ", not now (expected: within "
              + SKEW_MILLIS / 1_000
              + " s of "
              + now
              + ", in milliseconds since 1970)");
    }
    ApiKey by = signedBy(shown);
    if (by == null) {
      access.audit().failed(name(shown.signer()), from);
      return REFUSED;
    }
    return access.admitByKey(by);
  }

  private @Nullable ApiKey signedBy(Credential.Signed shown) {
    if (shown.signature().length() > MOST_SIGNATURE_CHARS) {
      return null;
    }
    byte[] signature;
    try {
      signature = Base64.getDecoder().decode(shown.signature());
    } catch (IllegalArgumentException e) {
      return null;
    }
    byte[] text = shown.text().getBytes(UTF_8);
    ApiKey by = null;
    int checked = 0;
    for (ApiKey key : candidates(shown.signer())) {
      String secret = key.signingSecret();
      if (secret != null) {
        checked++;
        by = isBy(secret, shown.algorithm(), text, signature) ? key : by;
      }
    }
    if (checked == 0) {
      isBy(nobodysSecret, shown.algorithm(), text, signature); // takes as long as somebody's
    }
    return by;
  }

  private List<ApiKey> candidates(Signer signer) {
    if (signer instanceof Signer.ByAnyKeyOf owner) {
      return access.directory().signingKeysOf(owner.owner());
    }
    ApiKey key = access.directory().key(((Signer.ByKey) signer).key());
    return key == null ? List.of() : List.of(key);
  }

  private static String name(Signer signer) {
    return signer instanceof Signer.ByKey key
        ? "key " + key.key()
        : ((Signer.ByAnyKeyOf) signer).owner();
  }

  private static boolean isBy(
      String secret, SigningAlgorithm algorithm, byte[] text, byte[] signature) {
    return MessageDigest.isEqual(sign(secret, algorithm, text), signature);
  }

  static byte[] sign(String secret, SigningAlgorithm algorithm, byte[] text) {
    try {
      Mac mac = Mac.getInstance(algorithm.javaName());
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), algorithm.javaName()));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + algorithm.javaName(), e);
    }
  }
}
