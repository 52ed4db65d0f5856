package io.posthaste.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.MalformedException;
import io.posthaste.core.MemoryLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is shown as a credential is refused in words, and nothing else happens. */
@Timeout(120)
final class CredentialFuzzTest {
  private static final List<String> SEEDS =
      List.of(
          "Bearer ph_abcdefghijkm_0123456789012345678901234567890123456789012",
          "Basic YWxpY2U6Y29ycmVjdCBob3JzZQ==",
          "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIiwiZXhwIjoxfQ.c2lnbmF0dXJl",
          "Bearer eyJhbGciOiJub25lIn0.e30.",
          "bearer  x",
          "");

  @TempDir private Path directory;

  @Test
  void whateverComes() throws Exception {
    Path secret = directory.resolve("secret");
    Files.writeString(secret, "0123456789abcdef0123456789abcdef");
    AccessOptions options =
        AccessOptions.DEFAULT.withTokens(TokenOptions.of(new TokenOptions.SharedSecret(secret)));
    Random random = new Random(7);
    try (MemoryLog log = AccessWorld.memory();
        AccessWorld world = new AccessWorld(log, options)) {
      world.add("root");
      for (int i = 0; i < 20_000; i++) {
        String text = mutated(random);
        Credential credential;
        try {
          credential = Credential.ofHeader(text);
        } catch (MalformedException e) {
          assertThat(e).hasMessageContaining("expected:");
          continue;
        }
        if (credential instanceof Credential.Password) {
          continue; // each costs a hash: their parsing is what is meant here
        }
        Proved proved = world.prove(credential);
        assertThat(proved).as("%s", credential).isInstanceOf(Proved.Refused.class);
        assertThat(credential.toString()).doesNotContain("0123456789");
      }
      for (int i = 0; i < 2_000; i++) {
        Proved proved = world.prove(new Credential.Ticket(mutated(random)));
        assertThat(proved).isInstanceOf(Proved.Refused.class);
      }
    }
  }

  @Test
  void whatIsToldOfAKeyIsFitForALog() {
    for (String unfit :
        List.of("ph_a\nb_secret", "ph_a b_secret", "ph_\u00f8_secret", "ph_a_", "ph__s")) {
      assertThatThrownBy(() -> Credential.ofToken(unfit)).isInstanceOf(MalformedException.class);
    }
    assertThat(Credential.ofToken("ph_abcdefghijkm_a-secret")).hasToString("Key[abcdefghijkm]");
  }

  @Test
  void storedHashesThatAreNoneMatchNothing() {
    String hash = Passwords.hashed("correct horse");
    assertThat(Passwords.isRight("correct horse", hash)).isTrue();
    assertThat(Passwords.isRight("correct house", hash)).isFalse();
    for (String broken :
        List.of(
            "",
            "plain",
            hash.replace("m=19456", "m=9999999"),
            hash.replace("t=2", "t=999"),
            hash.replace("p=1", "p=0"),
            hash.substring(0, hash.length() - 40),
            hash.replace("argon2id", "argon2d"))) {
      assertThat(Passwords.isRight("correct horse", broken)).as(broken).isFalse();
    }
  }

  private static String mutated(Random random) {
    byte[] bytes = SEEDS.get(random.nextInt(SEEDS.size())).getBytes(ISO_8859_1);
    StringBuilder text = new StringBuilder(new String(bytes, ISO_8859_1));
    for (int i = random.nextInt(6); i > 0; i--) {
      int at = random.nextInt(text.length() + 1);
      switch (random.nextInt(3)) {
        case 0 -> text.insert(at, (char) random.nextInt(256));
        case 1 -> text.setLength(at);
        default -> {
          if (at < text.length()) {
            text.setCharAt(at, (char) random.nextInt(0x3000));
          }
        }
      }
    }
    return text.toString();
  }
}
