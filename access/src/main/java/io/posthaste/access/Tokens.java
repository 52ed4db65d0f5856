package io.posthaste.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.KeyConverter;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.posthaste.core.MalformedException;
import io.posthaste.core.TopicPattern;
import java.security.Key;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Believes signed tokens (RFC 7519) of one algorithm that is set, not of the one that a token
 * names. {@code sub} is who it is; {@code exp} must be there, and ends what is held open by it;
 * {@code posthaste} may grant more: an object with lists of patterns as {@code read}, {@code
 * publish}, {@code administer}. Thread-safe.
 */
final class Tokens implements AutoCloseable {
  static final String GRANTS = "posthaste";
  private static final int MOST_GRANTS = 500;

  private final TokenOptions options;
  private final KeySource source;
  private final Access access;
  private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

  /** What is said where keys are at hand; null if the key that a token names is not. */
  private record Judged(@Nullable Proved proved) {}

  Tokens(TokenOptions options, Access access) {
    this.options = options;
    this.access = access;
    this.source = new KeySource(options.keys());
  }

  /** Completes at once, unless its key has to be fetched. */
  CompletionStage<Proved> prove(String text) {
    Proved first = judge(text).proved;
    if (first != null) {
      return CompletableFuture.completedFuture(first);
    }
    return source
        .refreshed()
        .thenApply(
            done -> {
              Proved second = judge(text).proved;
              return second == null ? refused("its key is not known") : second;
            });
  }

  private static Proved refused(String why) {
    return new Proved.Refused("the token is not accepted: " + why + " (expected: another)");
  }

  private Judged judge(String text) {
    try {
      SignedJWT token = SignedJWT.parse(text);
      if (!options.jws().equals(token.getHeader().getAlgorithm())) {
        return new Judged(
            refused("it is not signed by " + options.algorithm() + ", which alone is taken here"));
      }
      JWKMatcher matcher = JWKMatcher.forJWSHeader(token.getHeader());
      List<JWK> keys = matcher == null ? List.of() : new JWKSelector(matcher).select(source.keys());
      if (keys.isEmpty()) {
        return new Judged(null);
      }
      for (Key key : KeyConverter.toJavaKeys(keys)) {
        JWSVerifier verifier = verifiers.createJWSVerifier(token.getHeader(), key);
        if (token.verify(verifier)) {
          return new Judged(admit(token.getJWTClaimsSet()));
        }
      }
      return new Judged(refused("its signature is not that of a key that is known here"));
    } catch (ParseException | JOSEException | RuntimeException e) {
      // Whatever it is that came, it is none that can be believed.
      return new Judged(refused("it is no token that can be read"));
    }
  }

  private Proved admit(JWTClaimsSet claims) {
    long skew = options.skew().toMillis();
    long now = access.now();
    Date expires = claims.getExpirationTime();
    if (expires == null) {
      return refused("it has no exp");
    }
    if (expires.getTime() + skew <= now) {
      return refused("it has expired");
    }
    Date begins = claims.getNotBeforeTime();
    if (begins != null && begins.getTime() - skew > now) {
      return refused("it is not valid yet");
    }
    if (options.issuer() != null && !options.issuer().equals(claims.getIssuer())) {
      return refused("it is of another issuer");
    }
    if (options.audience() != null && !claims.getAudience().contains(options.audience())) {
      return refused("it is for another audience");
    }
    String id = claims.getSubject();
    if (id == null || !Identity.isId(id)) {
      return refused("its sub is no id that can be granted anything");
    }
    List<Grant> grants;
    try {
      grants = grants(claims.getClaim(GRANTS));
    } catch (MalformedException e) {
      return refused(GRANTS + ": " + e.getMessage());
    }
    return access.admitSaid(id, grants, expires.getTime() + skew);
  }

  private static List<Grant> grants(@Nullable Object claim) {
    List<Grant> grants = new ArrayList<>();
    if (claim == null) {
      return grants;
    }
    if (!(claim instanceof Map<?, ?> rights)) {
      throw new MalformedException("no object");
    }
    for (Map.Entry<?, ?> right : rights.entrySet()) {
      if (!(right.getValue() instanceof List<?> patterns)) {
        throw new MalformedException("no list of patterns");
      }
      for (Object pattern : patterns) {
        grants.add(
            new Grant(
                Right.of(String.valueOf(right.getKey())),
                TopicPattern.ofUrl(String.valueOf(pattern))));
      }
      if (grants.size() > MOST_GRANTS) {
        throw new MalformedException("more than " + MOST_GRANTS);
      }
    }
    return grants;
  }

  @Override
  public void close() {
    source.close();
  }
}
