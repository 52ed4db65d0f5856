package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.posthaste.core.MalformedException;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Signed tokens: which are believed, and what they give. */
@Timeout(60)
final class TokensTest {
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);

  @TempDir private Path directory;
  private MemoryLog log = AccessWorld.memory();
  private AccessWorld world = new AccessWorld(log, AccessOptions.DEFAULT);

  @BeforeEach
  void believeASecret() throws Exception {
    Path file = directory.resolve("secret");
    Files.write(file, SECRET);
    believe(
        TokenOptions.of(new TokenOptions.SharedSecret(file))
            .only(Optional.of("https://id.example"), Optional.of("posthaste")));
  }

  private void believe(TokenOptions tokens) {
    world.close();
    log.close();
    log = AccessWorld.memory();
    world = new AccessWorld(log, AccessOptions.DEFAULT.withTokens(tokens));
    world.add("root");
  }

  @AfterEach
  void end() {
    world.close();
    log.close();
  }

  private static JWTClaimsSet.Builder good() {
    return new JWTClaimsSet.Builder()
        .subject("alice")
        .issuer("https://id.example")
        .audience("posthaste")
        .expirationTime(Date.from(Instant.now().plusSeconds(60)));
  }

  private static String signed(JWTClaimsSet claims, byte[] secret) throws Exception {
    SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    token.sign(new MACSigner(secret));
    return token.serialize();
  }

  private String refusal(String token) {
    return ((Proved.Refused) world.prove(Credential.ofToken(token))).reason();
  }

  private Session session(String token) {
    Proved proved = world.prove(Credential.ofToken(token));
    assertThat(proved).isInstanceOf(Proved.Admitted.class);
    return ((Proved.Admitted) proved).session();
  }

  @Test
  void giveWhatTheySayAndWhatIsGrantedHere() throws Exception {
    AccessWorld.get(
        world.administration.grant(
            AccessWorld.TEST, "alice", new Grant(Right.READ, new TopicPattern("here/#"))));
    AccessWorld.get(
        world.administration.grant(
            AccessWorld.TEST, "anonymous", new Grant(Right.READ, new TopicPattern("own/{id}"))));
    Map<String, Object> more = Map.of("read", List.of("inbox/{id}/#"), "publish", List.of("a/*"));

    Session session = session(signed(good().claim("posthaste", more).build(), SECRET));

    assertThat(session.identity().id()).isEqualTo("alice");
    assertThat(session.mayRead(new Topic("here/1"))).isTrue();
    assertThat(session.mayRead(new Topic("own/alice"))).isTrue();
    assertThat(session.mayRead(new Topic("own/bob"))).isFalse();
    assertThat(world.access.anybody().mayRead(new Topic("own/alice"))).isFalse();
    assertThat(session.mayRead(new Topic("inbox/alice/1"))).isTrue();
    assertThat(session.mayRead(new Topic("inbox/bob/1"))).isFalse();
    assertThat(session.mayPublish(new Topic("a/1"))).isTrue();
    assertThat(session.expiresMillis())
        .isBetween(System.currentTimeMillis() + 60_000, System.currentTimeMillis() + 91_000);
  }

  @Test
  void thatAreMadeToTryWithAreBelieved() throws Exception {
    TokenOptions options =
        TokenOptions.of(new TokenOptions.SharedSecret(directory.resolve("secret")))
            .only(Optional.of("https://id.example"), Optional.of("posthaste"));
    List<Grant> grants =
        List.of(
            new Grant(Right.READ, new TopicPattern("inbox/{id}/#")),
            new Grant(Right.READ, new TopicPattern("news")),
            new Grant(Right.PUBLISH, new TopicPattern("chat/+")));

    Session session =
        session(TokenMint.mint(options, "alice", grants, Duration.ofMinutes(1), Instant.now()));

    assertThat(session.identity().id()).isEqualTo("alice");
    assertThat(session.mayRead(new Topic("inbox/alice/1"))).isTrue();
    assertThat(session.mayRead(new Topic("news"))).isTrue();
    assertThat(session.mayPublish(new Topic("chat/1"))).isTrue();
    assertThat(session.mayPublish(new Topic("news"))).isFalse();
    assertThat(
            refusal(
                TokenMint.mint(
                    options,
                    "alice",
                    grants,
                    Duration.ofMinutes(1),
                    Instant.now().minusSeconds(300))))
        .contains("expired");
    assertThatThrownBy(
            () -> TokenMint.mint(options, "a b", grants, Duration.ofMinutes(1), Instant.now()))
        .hasMessageContaining("id: \"a b\"");
    assertThatThrownBy(
            () -> TokenMint.mint(options, "alice", grants, Duration.ofDays(31), Instant.now()))
        .hasMessageContaining("expected: 1 s to 30 days");
  }

  @Test
  void areRefusedForWhatIsWrongWithThem() throws Exception {
    Date past = Date.from(Instant.now().minus(Duration.ofMinutes(2)));
    Date later = Date.from(Instant.now().plus(Duration.ofMinutes(2)));
    byte[] other = "another secret of thirty-two byt".getBytes(UTF_8);

    assertThat(refusal(signed(good().build(), other))).contains("signature");
    assertThat(refusal(signed(good().expirationTime(past).build(), SECRET))).contains("expired");
    assertThat(refusal(signed(good().expirationTime(null).build(), SECRET))).contains("no exp");
    assertThat(refusal(signed(good().notBeforeTime(later).build(), SECRET)))
        .contains("not valid yet");
    assertThat(refusal(signed(good().issuer("https://evil.example").build(), SECRET)))
        .contains("issuer");
    assertThat(refusal(signed(good().audience("others").build(), SECRET))).contains("audience");
    assertThat(refusal(signed(good().subject("a/b").build(), SECRET))).contains("sub");
    assertThat(refusal(signed(good().subject("anonymous").build(), SECRET))).contains("sub");
    assertThat(refusal(signed(good().claim("posthaste", "all").build(), SECRET)))
        .contains("posthaste");
    assertThat(
            refusal(
                signed(
                    good().claim("posthaste", Map.of("read", List.of("$access/#"))).build(),
                    SECRET)))
        .contains("posthaste");
    assertThat(refusal(new PlainJWT(good().build()).serialize())).contains("no token");
  }

  @Test
  void ofAnotherAlgorithmAreRefusedWhateverTheySayOfThemselves() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("k1").generate();
    Path file = directory.resolve("keys.json");
    Files.writeString(file, new JWKSet(key.toPublicJWK()).toString());
    believe(TokenOptions.of(new TokenOptions.KeySetFile(file)));

    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(), good().build());
    token.sign(new RSASSASigner(key));
    assertThat(session(token.serialize()).identity().id()).isEqualTo("alice");

    // The public key taken for a shared secret: what a server falls for that believes the header.
    byte[] publicKey = key.toRSAPublicKey().getEncoded();
    assertThat(refusal(signed(good().build(), publicKey))).contains("not signed by RS256");

    RSAKey strange = new RSAKeyGenerator(2048).keyID("k2").generate();
    SignedJWT unknown =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k2").build(), good().build());
    unknown.sign(new RSASSASigner(strange));
    assertThat(refusal(unknown.serialize())).contains("key is not known");
  }

  @Test
  void areCheckedByKeysFromAnAddressFromTheFirstOneOn() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("k1").generate();
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/keys",
        exchange -> {
          byte[] keys = new JWKSet(key.toPublicJWK()).toString().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    issuer.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys");
      believe(TokenOptions.of(new TokenOptions.KeySetUrl(url)));
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(), good().build());
      token.sign(new RSASSASigner(key));

      assertThat(session(token.serialize()).identity().id()).isEqualTo("alice");
    } finally {
      issuer.stop(0);
    }
  }

  @Test
  void needAKeyThatIsOne() throws Exception {
    Path file = directory.resolve("short");
    Files.writeString(file, "secret");

    assertThatThrownBy(() -> new KeySource(new TokenOptions.SharedSecret(file)))
        .hasMessageContaining("too few");
    assertThatThrownBy(
            () -> TokenOptions.of(new TokenOptions.KeySetFile(file)).withAlgorithm("HS256"))
        .isInstanceOf(MalformedException.class);
  }
}
