package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.core.LogException;
import io.posthaste.core.Policies;
import io.posthaste.testkit.NatsServers;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who a server is, and who we are to it. */
final class SecurityTest {
  private static final String PASSWORD = "password";

  @TempDir private Path directory;

  private static JetStreamOptions options(String url) {
    return JetStreamOptions.of(List.of(url), Policies.DEFAULT);
  }

  @Test
  void aServersCertificateIsChecked() throws Exception {
    makeCertificate();
    String tls =
        "tls { cert_file: \"%s\", key_file: \"%s\" }"
            .formatted(directory.resolve("server.pem"), directory.resolve("key.pem"));
    try (NatsServers servers = NatsServers.start(1, tls)) {
      String url = servers.urls().replace("nats://", "tls://");
      Optional<Path> authorities = Optional.of(directory.resolve("server.pem"));
      try (JetStreamLog log = JetStreamLog.open(options(url).withAuthorities(authorities))) {
        assertThat(log.failure()).isEmpty();
      }
      assertThatThrownBy(() -> JetStreamLog.open(options(url)))
          .as("signed by nobody whom the JDK knows")
          .isInstanceOf(LogException.class)
          .hasMessageContaining("NATS cannot be reached at " + url);
    }
  }

  private void makeCertificate() throws Exception {
    Path store = directory.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    write("server.pem", "CERTIFICATE", keys.getCertificate("server").getEncoded());
    write("key.pem", "PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray()).getEncoded());
  }

  private void write(String name, String kind, byte[] bytes) throws Exception {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    Files.writeString(
        directory.resolve(name),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(kind, text, kind));
  }

  @Test
  void aUserAndPasswordMayStandInTheAddress() throws Exception {
    try (NatsServers servers =
        NatsServers.start(1, "authorization { user: posthaste, password: secret }")) {
      String address = servers.urls().substring("nats://".length());
      try (JetStreamLog log = JetStreamLog.open(options("nats://posthaste:secret@" + address))) {
        assertThat(log.failure()).isEmpty();
      }
      assertThatThrownBy(() -> JetStreamLog.open(options("nats://posthaste:wrong@" + address)))
          .isInstanceOf(LogException.class)
          .hasMessageContaining("Authorization Violation")
          .message()
          .as("nobody's password is told")
          .doesNotContain("wrong@");
    }
  }

  @Test
  void aFileThatHasNoCertificatesIsNamed() throws Exception {
    Path file = Files.writeString(directory.resolve("empty.pem"), "");
    Path missing = directory.resolve("missing.pem");
    assertThatThrownBy(() -> Authorities.trusting(file))
        .isInstanceOf(LogException.class)
        .hasMessageContaining(file + " has no certificates");
    assertThatThrownBy(() -> Authorities.trusting(missing))
        .isInstanceOf(LogException.class)
        .hasMessageContaining(missing + " cannot be read");
  }
}
