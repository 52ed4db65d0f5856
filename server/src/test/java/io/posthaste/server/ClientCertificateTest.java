package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whom a certificate's subject names. */
final class ClientCertificateTest {
  private static String name(String subject) {
    return new ClientCertificate(subject, "").commonName();
  }

  @Test
  void isWhoeverItsCommonNameSays() {
    assertThat(name("CN=sensor-7,O=Example")).isEqualTo("sensor-7");
    assertThat(name("O=Example,cn=sensor-7,C=DE")).isEqualTo("sensor-7");
    assertThat(name("CN=sensor\\,7")).isEqualTo("sensor,7");
    assertThat(name("C=DE+CN=sensor-7,O=Example")).isEqualTo("sensor-7");
  }

  @Test
  void isNobodyWhereThatIsNotPlain() {
    assertThat(name("O=Example,OU=CN\\=alice")).isEmpty();
    assertThat(name("CN=mallory,CN=alice")).isEmpty();
    assertThat(name("CN=mallory+CN=alice")).isEmpty();
    assertThat(name("CN=#0c0161")).isEmpty();
    assertThat(name("CN=mallory,CN=")).isEmpty();
    assertThat(name("CN=#0c016z1")).isEmpty();
    assertThat(name("CN=,CN=\"\"\"\"")).isEmpty();
    assertThat(name("")).isEmpty();
    assertThat(name("no subject")).isEmpty();
  }
}
