package io.posthaste.access;

import static java.util.Objects.requireNonNull;

import com.nimbusds.jose.JWSAlgorithm;
import io.posthaste.core.MalformedException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which signed tokens (RFC 7519) are believed.
 *
 * @param keys by what they are checked
 * @param algorithm by what they must be signed, and by nothing else, such as {@code RS256}
 * @param issuer what must stand in {@code iss}; null for anything
 * @param audience what must be among {@code aud}; null for anything
 * @param skew by how much the issuer's clock may differ
 */
public record TokenOptions(
    Keys keys,
    String algorithm,
    @Nullable String issuer,
    @Nullable String audience,
    Duration skew) {
  private static final List<String> SHARED = List.of("HS256", "HS384", "HS512");
  private static final List<String> PUBLIC =
      List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512");

  /** By what tokens are checked. */
  public sealed interface Keys {}

  /** A secret that the issuer has too, as the bytes of a file. */
  public record SharedSecret(Path file) implements Keys {}

  /** Public keys in a file (RFC 7517, a JWK set), read again when it has changed. */
  public record KeySetFile(Path file) implements Keys {}

  /** Public keys at an address, fetched again now and then and for a key that is not known. */
  public record KeySetUrl(URI url) implements Keys {}

  public TokenOptions {
    requireNonNull(keys, "keys");
    requireNonNull(skew, "skew");
    List<String> fitting = keys instanceof SharedSecret ? SHARED : PUBLIC;
    if (!fitting.contains(algorithm)) {
      throw new MalformedException(
          "algorithm: "
              + MalformedException.quote(algorithm)
              + " (expected: one of "
              + fitting
              + ")");
    }
  }

  /** By the usual algorithm for such keys, from any issuer, for any audience, with 30 s of skew. */
  public static TokenOptions of(Keys keys) {
    return new TokenOptions(
        keys, keys instanceof SharedSecret ? "HS256" : "RS256", null, null, Duration.ofSeconds(30));
  }

  /** The same by another algorithm. */
  public TokenOptions withAlgorithm(String algorithm) {
    return new TokenOptions(keys, algorithm, issuer, audience, skew);
  }

  /** The same from this issuer and for this audience only. */
  public TokenOptions only(Optional<String> issuer, Optional<String> audience) {
    return new TokenOptions(keys, algorithm, issuer.orElse(null), audience.orElse(null), skew);
  }

  JWSAlgorithm jws() {
    return JWSAlgorithm.parse(algorithm);
  }
}
