package io.posthaste.door.nacos;

import io.posthaste.access.Credential;
import io.posthaste.access.Signer;
import io.posthaste.access.SigningAlgorithm;
import io.posthaste.core.MalformedException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How Nacos' clients sign by access key and secret key: HMAC-SHA1 of
 *
 * <pre>
 *   tenant+group+timestamp      where both are named
 *   group+timestamp             where the group is
 *   timestamp                   else, as for listening
 * </pre>
 *
 * <p>Clients of the lines 2.x and 3.x that are given a region id sign by a key made of secret, date
 * and region, and say {@code signatureVersion: v4}; the region they do not say.
 */
final class SignedRequest {
  private SignedRequest() {}

  /**
   * What headers show.
   *
   * @param header a header by its name; null or empty if it is not there
   * @return null if the request is not signed
   * @throws MalformedException if it is signed in a way that is not known
   */
  static @Nullable Credential credential(
      Function<String, @Nullable String> header, String tenant, String group) {
    String key = text(header, "Spas-AccessKey");
    if (key.isEmpty()) {
      return null;
    }
    String version = text(header, "signatureVersion");
    if (!version.isEmpty()) {
      throw new MalformedException(
          "signatureVersion: "
              + MalformedException.quote(version)
              + " (expected: none; a client that names a region signs for that, which it does not"
              + " tell: take its region away)");
    }
    String time = text(header, "Timestamp");
    String resource = group.isEmpty() || tenant.isEmpty() ? group : tenant + "+" + group;
    return new Credential.Signed(
        new Signer.ByKey(key),
        SigningAlgorithm.HMAC_SHA1,
        resource.isEmpty() ? time : resource + "+" + time,
        text(header, "Spas-Signature"),
        millis(time));
  }

  private static String text(Function<String, @Nullable String> header, String name) {
    String value = header.apply(name);
    return value == null ? "" : value;
  }

  private static long millis(String time) {
    try {
      return Long.parseLong(time);
    } catch (NumberFormatException e) {
      throw new MalformedException(
          "Timestamp: "
              + MalformedException.quote(time)
              + " (expected: milliseconds since 1970, as they were signed)");
    }
  }
}
