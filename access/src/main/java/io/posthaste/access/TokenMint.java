package io.posthaste.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes signed tokens to try things with, by a secret that the server has too. Whoever has the
 * secret can say that he is anybody, so this is for whoever runs the server.
 */
public final class TokenMint {
  /** The longest life of a token: it cannot be revoked. */
  public static final Duration LONGEST = Duration.ofDays(30);

  private TokenMint() {}

  /**
   * Makes a token that a server with these options believes.
   *
   * @param id whom it speaks for
   * @param grants what it gives besides what is granted to the id
   * @param life for how long it holds, from now
   * @throws MalformedException if the server believes no shared secret, or the id or the life
   *     cannot be
   * @throws IOException if the secret cannot be read
   */
  public static String mint(
      TokenOptions options, String id, List<Grant> grants, Duration life, Instant now)
      throws IOException {
    if (!(options.keys() instanceof TokenOptions.SharedSecret shared)) {
      throw new MalformedException(
          "tokens are signed by keys that only their issuer has (expected: a shared secret)");
    }
    if (life.toSeconds() < 1 || life.compareTo(LONGEST) > 0) {
      throw new MalformedException(
          "life: " + life.toSeconds() + " s (expected: 1 s to " + LONGEST.toDays() + " days)");
    }
    Map<String, List<String>> patterns = new TreeMap<>();
    for (Grant grant : grants) {
      patterns
          .computeIfAbsent(grant.right().word(), right -> new ArrayList<>())
          .add(grant.pattern().text());
    }
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .subject(Identity.checkId(id))
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(life)));
    if (options.issuer() != null) {
      claims.issuer(options.issuer());
    }
    if (options.audience() != null) {
      claims.audience(options.audience());
    }
    if (!patterns.isEmpty()) {
      claims.claim(Tokens.GRANTS, patterns);
    }
    return signed(shared.file(), options, claims.build());
  }

  private static String signed(Path secret, TokenOptions options, JWTClaimsSet claims)
      throws IOException {
    SignedJWT token = new SignedJWT(new JWSHeader(options.jws()), claims);
    try {
      token.sign(new MACSigner(KeySource.secret(secret)));
    } catch (JOSEException e) {
      throw new MalformedException(
          "the secret does not fit " + options.algorithm() + ": " + e.getMessage());
    }
    return token.serialize();
  }

  /** A secret to begin with: 256 random bits, as text. */
  public static String newSecret() {
    return Secrets.secret();
  }
}
