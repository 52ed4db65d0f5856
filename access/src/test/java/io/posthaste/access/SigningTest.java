package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.MemoryLog;
import io.posthaste.core.Topic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that are signed by a key, which is not shown. */
@Timeout(60)
final class SigningTest {
  private static final long NOW = 1_795_000_000_000L;

  private final MemoryLog log = AccessWorld.memory();
  private long clock = NOW;
  private final AccessWorld world =
      new AccessWorld(log, AccessOptions.DEFAULT.withClock(() -> Instant.ofEpochMilli(clock)));

  @BeforeEach
  void somebodyIsKnown() {
    world.add("root");
    world.add("app");
  }

  @AfterEach
  void close() {
    world.close();
    log.close();
  }

  private Change.KeyMade key(String owner) {
    return (Change.KeyMade)
        AccessWorld.get(
            world.administration.createSigningKey(AccessWorld.TEST, owner, "test", Session.NEVER));
  }

  private static String sign(String secret, SigningAlgorithm algorithm, String text) {
    return Base64.getEncoder()
        .encodeToString(Signatures.sign(secret, algorithm, text.getBytes(UTF_8)));
  }

  private static Credential.Signed signed(Signer signer, String secret, long at) {
    String text = "public+DEFAULT_GROUP+" + at;
    String signature = sign(secret, SigningAlgorithm.HMAC_SHA1, text);
    return new Credential.Signed(signer, SigningAlgorithm.HMAC_SHA1, text, signature, at);
  }

  private String who(Credential.Signed shown) {
    Proved proved = world.prove(shown);
    return proved instanceof Proved.Admitted admitted
        ? admitted.session().identity().id()
        : ((Proved.Refused) proved).reason();
  }

  /** The signature that the test cases of RFC 2202 and RFC 4231 give for that key. */
  @Test
  void signsAsTheStandardsHaveIt() {
    String text = "what do ya want for nothing?";
    assertThat(sign("Jefe", SigningAlgorithm.HMAC_SHA1, text))
        .isEqualTo(base64("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
    assertThat(sign("Jefe", SigningAlgorithm.HMAC_SHA256, text))
        .isEqualTo(base64("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  }

  private static String base64(String hex) {
    return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
  }

  @Test
  void theOneWhoseKeySignedIsHeWhoAsks() {
    Change.KeyMade made = key("app");
    Signer.ByKey signer = new Signer.ByKey(made.key());

    assertThat(who(signed(signer, made.text(), NOW))).isEqualTo("app");
    assertThat(who(signed(new Signer.ByAnyKeyOf("app"), made.text(), NOW))).isEqualTo("app");
    String text = "1795000000000\n/configs/app/default/application?ip=10.0.0.1";
    String sha256 = sign(made.text(), SigningAlgorithm.HMAC_SHA256, text);
    assertThat(who(new Credential.Signed(signer, SigningAlgorithm.HMAC_SHA256, text, sha256, NOW)))
        .isEqualTo("app");
  }

  @Test
  void whatDoesNotHoldIsRefusedAlike() {
    Change.KeyMade made = key("app");
    Change.KeyMade others = key("root");
    Signer.ByKey signer = new Signer.ByKey(made.key());
    Credential.Signed right = signed(signer, made.text(), NOW);
    List<Credential.Signed> wrong =
        List.of(
            signed(signer, others.text(), NOW),
            signed(new Signer.ByAnyKeyOf("app"), others.text(), NOW),
            signed(new Signer.ByAnyKeyOf("nobody"), made.text(), NOW),
            signed(new Signer.ByKey("nokey"), made.text(), NOW),
            new Credential.Signed(
                signer, SigningAlgorithm.HMAC_SHA1, right.text() + "x", right.signature(), NOW),
            new Credential.Signed(
                signer, SigningAlgorithm.HMAC_SHA256, right.text(), right.signature(), NOW),
            new Credential.Signed(signer, SigningAlgorithm.HMAC_SHA1, right.text(), "", NOW),
            new Credential.Signed(signer, SigningAlgorithm.HMAC_SHA1, right.text(), "*", NOW));
    for (Credential.Signed shown : wrong) {
      assertThat(who(shown)).as("%s", shown).startsWith("the signature does not hold");
      assertThat(shown.toString()).doesNotContain(right.text()).doesNotContain(right.signature());
    }
  }

  @Test
  void aSignatureHoldsForAMinuteBeforeAndAfter() {
    Change.KeyMade made = key("app");
    Signer signer = new Signer.ByKey(made.key());
    for (long off : new long[] {-60_000, 0, 60_000}) {
      assertThat(who(signed(signer, made.text(), NOW + off))).as("%d", off).isEqualTo("app");
    }
    for (long off : new long[] {-60_001, 60_001, Long.MAX_VALUE - NOW, Long.MIN_VALUE}) {
      assertThat(who(signed(signer, made.text(), NOW + off)))
          .as("%d", off)
          .contains("expected: within 60 s of " + NOW);
    }
  }

  @Test
  void severalKeysOfOneSignUntilTheyAreRevokedOrExpire() {
    Change.KeyMade first = key("app");
    Change.KeyMade second = key("app");
    Change.KeyMade third =
        (Change.KeyMade)
            AccessWorld.get(
                world.administration.createSigningKey(
                    AccessWorld.TEST, "app", "short", NOW + 30_000));
    Signer signer = new Signer.ByAnyKeyOf("app");
    for (Change.KeyMade each : List.of(first, second, third)) {
      assertThat(who(signed(signer, each.text(), NOW))).isEqualTo("app");
    }
    Session session = ((Proved.Admitted) world.prove(signed(signer, first.text(), NOW))).session();

    AccessWorld.get(world.administration.revokeKey(AccessWorld.TEST, first.key()));
    clock = NOW + 30_000;

    assertThat(session.isOver()).isTrue();
    assertThat(who(signed(signer, first.text(), clock))).startsWith("the signature does not hold");
    assertThat(who(signed(signer, second.text(), clock))).isEqualTo("app");
    assertThat(who(signed(signer, third.text(), clock))).contains("has expired");
    AccessWorld.get(world.administration.removeAccount(AccessWorld.TEST, "app"));
    assertThat(who(signed(signer, second.text(), clock))).startsWith("the signature does not hold");
  }

  @Test
  void fiveSignForOneAndNoMore() {
    for (int i = 0; i < 5; i++) {
      key("app");
    }
    Change sixth =
        AccessWorld.get(
            world.administration.createSigningKey(AccessWorld.TEST, "app", "test", Session.NEVER));
    assertThat(sixth)
        .isInstanceOfSatisfying(
            Change.Exists.class,
            exists -> assertThat(exists.detail()).contains("has 5 signing keys"));
  }

  @Test
  void aKeyThatSignsCannotBeShownNorOneThatIsShownSign() {
    Change.KeyMade signing = key("app");
    Change.KeyMade shown =
        (Change.KeyMade)
            AccessWorld.get(
                world.administration.createKey(AccessWorld.TEST, "app", "test", Session.NEVER));

    assertThat(world.prove(new Credential.Key(signing.key(), signing.text())))
        .isInstanceOf(Proved.Refused.class);
    String secret = requireNonNull(ApiKey.parts(shown.text())).get(1);
    for (String each : List.of(secret, Secrets.digest(secret), shown.text())) {
      assertThat(who(signed(new Signer.ByKey(shown.key()), each, NOW)))
          .startsWith("the signature does not hold");
    }
  }

  /** Only the record in the log that nobody is given has it. */
  @Test
  void theSecretStandsInNoListAndNoAudit() {
    Change.KeyMade made = key("app");
    List<String> texts = new ArrayList<>();
    texts.add(world.administration.keys().toString());
    texts.add(world.access.directory().keys().toString());
    texts.add(made.toString());
    texts.add(AccessWorld.get(log.latest(Audit.TOPIC)).orElseThrow().payload().utf8());
    assertThat(world.administration.keys().get(0).isSigning()).isTrue();
    assertThat(texts).noneMatch(text -> text.contains(made.text()));
    Topic topic = Directory.ofKey(made.key());
    assertThat(AccessWorld.get(log.latest(topic)).orElseThrow().payload().utf8())
        .contains(made.text());
  }

  @Test
  void whateverIsShownIsRefusedInWords() {
    Change.KeyMade made = key("app");
    Random random = new Random(Long.getLong("posthaste.seed", 5));
    Credential.Signed right = signed(new Signer.ByKey(made.key()), made.text(), NOW);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder signature = new StringBuilder(right.signature());
      int at = random.nextInt(signature.length());
      switch (random.nextInt(3)) {
        case 0 -> signature.insert(at, (char) random.nextInt(0x3000));
        case 1 -> signature.setLength(Math.min(at, 26)); // the 28th only pads
        default -> signature.append("A".repeat(random.nextInt(1_000) + 1));
      }
      String text = random.nextBoolean() ? right.text() : "\ud800" + right.text();
      assertThat(
              who(
                  new Credential.Signed(
                      right.signer(),
                      SigningAlgorithm.values()[random.nextInt(2)],
                      text,
                      signature.toString(),
                      NOW)))
          .startsWith("the signature does not hold");
    }
  }
}
