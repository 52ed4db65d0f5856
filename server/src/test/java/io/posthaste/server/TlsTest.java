package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.ssl.SslProvider;
import io.posthaste.testkit.ExpectWarning;
import io.posthaste.testkit.TestAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS on a server's port: what is spoken, who is believed, and files that change. */
class TlsTest {
  private static final Duration SOON = Duration.ofMillis(50);

  private final TestAuthority authority = new TestAuthority();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @SuppressWarnings("NullAway.Init")
  private Path certificate;

  @SuppressWarnings("NullAway.Init")
  private Path key;

  @BeforeEach
  void issue() throws IOException {
    certificate = directory.resolve("server.crt");
    key = directory.resolve("server.key");
    authority.issue("one").write(certificate, key);
  }

  private Tls tls() throws TlsException {
    return tls(null);
  }

  private Tls tls(Tls.@Nullable ClientCheck check) throws TlsException {
    return Tls.of(new TlsSource.Pem(certificate, key), check, Duration.ofSeconds(10), SOON);
  }

  private static RawClient connect(TestServer server, SSLContext context, String... protocols)
      throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("localhost", server.address.getPort());
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    socket.setSoTimeout((int) TestServer.LONG.toMillis());
    socket.startHandshake();
    return new RawClient(socket);
  }

  private static String shownBy(RawClient client) throws IOException {
    return ((SSLSocket) client.socket).getSession().getPeerPrincipal().getName();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void answersAndStreams(String version) throws Exception {
    try (Tls tls = tls();
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient client = connect(server, authority.client(), version)) {
      assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
      client.get("/stream").head();
      assertThat(client.chunk()).isEqualTo("begin\n");
      TestOutlet stream = server.nextStream();
      String large = "x".repeat(300_000);
      stream.run(
          () -> {
            stream.outlet.write(TestOutlet.bytes("small"));
            stream.outlet.write(TestOutlet.bytes(large));
            stream.outlet.flush();
          });
      assertThat(client.chunk()).isEqualTo("small");
      assertThat(client.chunk()).isEqualTo(large);
      stream.run(stream.outlet::end);
      assertThat(client.chunk()).isEmpty();
      assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
      assertThat(server.loops.traffic().handshakes(Traffic.Handshake.DONE)).isEqualTo(1);
    }
  }

  @Test
  void worksByTheJdkWhereThereIsNoNativeBuild() throws Exception {
    Path authorities = directory.resolve("clients.crt");
    authority.write(authorities);
    TlsSource pem = new TlsSource.Pem(certificate, key);
    Tls.ClientCheck check = new Tls.ClientCheck(authorities, Tls.Clients.WANT);
    try (Tls tls = Tls.of(pem, check, SslProvider.JDK, Duration.ofSeconds(10), SOON);
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient client = connect(server, authority.client(authority.issue("sensor-7")))) {
      assertThat(client.get("/who").answer().body()).contains("CN=sensor-7");
      authority.issue("two").write(certificate, key);
      await().untilAsserted(() -> assertThat(tls.reloads()).isEqualTo(1));
      try (RawClient another = connect(server, authority.client())) {
        assertThat(shownBy(another)).isEqualTo("CN=two");
        assertThat(another.get("/hello").answer().body()).isEqualTo("hello");
      }
      assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
    }
  }

  @Test
  void upgradesToAWebSocket() throws Exception {
    try (Tls tls = tls();
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient client = connect(server, authority.client())) {
      client.send(
          "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(101);
      client.send(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'});
      assertThat(client.bytes(4)).isEqualTo(new byte[] {(byte) 0x81, 2, 'h', 'i'});
    }
  }

  @RepeatedTest(5)
  void refusesABodyThatIsTooLargeAndIsHeard() throws Exception {
    try (Tls tls = tls();
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient client = connect(server, authority.client())) {
      client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 600000\r\n\r\n");
      client.send(new byte[600_000]); // all of it is read, or the answer could be lost
      assertThat(client.answer().status()).isEqualTo(413);
    }
  }

  @Test
  void speaksNothingOlderThanVersion12() throws Exception {
    try (Tls tls = tls();
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls)) {
      assertThat(openssl(server, "-tls1_3")).contains("TLSv1.3");
      assertThat(openssl(server, "-tls1_2")).contains("TLSv1.2").contains("ECDHE");
      assertThat(openssl(server, "-tls1_1")).contains("Cipher is (NONE)").contains("alert");
    }
  }

  private static String openssl(TestServer server, String version) throws Exception {
    return openssl(
        "s_client",
        "-connect",
        "127.0.0.1:" + server.address.getPort(),
        version,
        "-cipher",
        "ALL:@SECLEVEL=0");
  }

  private static String openssl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  @Test
  void tellsWhoSpeaksHttpToItWhatWouldBeRight() throws Exception {
    try (Tls tls = tls();
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient client = server.connect()) {
      RawClient.Answer answer = client.get("/hello").answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("this port speaks HTTPS");
      assertThat(client.isClosed()).isTrue();
      assertThat(server.loops.traffic().handshakes(Traffic.Handshake.PLAIN)).isEqualTo(1);
    }
  }

  @Test
  void closesWhoSpeaksTlsToAPlainPort() throws Exception {
    try (TestServer server = new TestServer()) {
      assertThatThrownBy(() -> connect(server, authority.client())).isInstanceOf(IOException.class);
    }
  }

  @Test
  void cutsASlowHandshake() throws Exception {
    TlsSource pem = new TlsSource.Pem(certificate, key);
    try (Tls tls = Tls.of(pem, null, Duration.ofMillis(300), SOON);
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient silent = server.connect();
        RawClient slow = server.connect()) {
      slow.send(new byte[] {0x16, 3, 1, 0, 100, 1});
      assertThat(slow.isClosed()).isTrue();
      assertThat(silent.isClosed()).isTrue();
      await()
          .untilAsserted(
              () ->
                  assertThat(server.loops.traffic().handshakes(Traffic.Handshake.SLOW))
                      .isEqualTo(2));
    }
  }

  @Test
  @ExpectWarning("tls=refused")
  void takesChangedFilesWhileReadersStay() throws Exception {
    try (Tls tls = tls();
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient reader = connect(server, authority.client())) {
      reader.get("/stream").head();
      assertThat(reader.chunk()).isEqualTo("begin\n");
      TestOutlet stream = server.nextStream();

      authority.issue("two").write(certificate, key);
      await().untilAsserted(() -> assertThat(tls.reloads()).isEqualTo(1));
      try (RawClient client = connect(server, authority.client())) {
        assertThat(shownBy(client)).isEqualTo("CN=two");
      }

      Files.writeString(key, "no key");
      await().untilAsserted(() -> assertThat(tls.failedReloads()).isEqualTo(1));
      try (RawClient client = connect(server, authority.client())) {
        assertThat(shownBy(client)).isEqualTo("CN=two");
        assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
      }

      stream.run(
          () -> {
            stream.outlet.write(TestOutlet.bytes("still here"));
            stream.outlet.flush();
          });
      assertThat(reader.chunk()).isEqualTo("still here");
      assertThat(shownBy(reader)).isEqualTo("CN=one");
    }
  }

  @Test
  void knowsWhoAClientIsByItsCertificate() throws Exception {
    Path authorities = directory.resolve("clients.crt");
    authority.write(authorities);
    TestAuthority.Issued shown = authority.issue("sensor-7");
    String stranger = "null";
    try (Tls tls = tls(new Tls.ClientCheck(authorities, Tls.Clients.WANT));
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls)) {
      try (RawClient client = connect(server, authority.client(shown))) {
        assertThat(client.get("/who").answer().body())
            .contains("CN=sensor-7")
            .contains(TlsIdentity.fingerprint(shown.certificate()));
      }
      try (RawClient client = connect(server, authority.client())) {
        assertThat(client.get("/who").answer().body()).isEqualTo(stranger);
      }
    }
  }

  @Test
  void letsInOnlyThoseWithACertificateWhereItIsNeeded() throws Exception {
    Path authorities = directory.resolve("clients.crt");
    authority.write(authorities);
    try (Tls tls = tls(new Tls.ClientCheck(authorities, Tls.Clients.NEED));
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls)) {
      try (RawClient client = connect(server, authority.client(authority.issue("x")), "TLSv1.2")) {
        assertThat(client.get("/hello").answer().body()).isEqualTo("hello");
      }
      assertThatThrownBy(() -> connect(server, authority.client(), "TLSv1.2"))
          .isInstanceOf(IOException.class);
      SSLContext foreign = authority.client(new TestAuthority().issue("x"));
      assertThatThrownBy(() -> connect(server, foreign, "TLSv1.2")).isInstanceOf(IOException.class);
    }
  }

  /** Also not by a session that it could resume. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void whoseAuthorityIsTakenOutOfTheFileIsNotLetInAgain(String version) throws Exception {
    Path authorities = directory.resolve("clients.crt");
    authority.write(authorities);
    SSLContext client = authority.client(authority.issue("sensor-7"));
    try (Tls tls = tls(new Tls.ClientCheck(authorities, Tls.Clients.NEED));
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient before = connect(server, client, version)) {
      assertThat(before.get("/who").answer().body()).contains("CN=sensor-7");

      new TestAuthority().write(authorities);
      await().untilAsserted(() -> assertThat(tls.reloads()).isEqualTo(1));

      assertThatThrownBy(
              () -> {
                try (RawClient again = connect(server, client, version)) {
                  again.get("/who").answer(); // with TLS 1.3 the refusal comes after the handshake
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(before.get("/who").answer().body()).contains("CN=sensor-7");
    }
  }

  @Test
  void cutsAStalledReaderAndNotASlowOne() throws Exception {
    HttpLimits quick =
        HttpLimits.DEFAULT.withConnection(
            ConnectionLimits.DEFAULT
                .withHeartbeat(Duration.ofMillis(200))
                .withStall(Duration.ofSeconds(2)));
    try (Tls tls = tls();
        TestServer server = new TestServer(quick, tls);
        RawClient client = connect(server, authority.client())) {
      client.get("/stream").head();
      TestOutlet stream = server.nextStream();
      String unit = "x".repeat(16_000);
      // More than the kernel takes on both sides; what heartbeats add is no progress.
      stream.run(
          () -> {
            for (int i = 0; i < 1_000; i++) {
              stream.outlet.write(TestOutlet.bytes(unit));
            }
            stream.outlet.flush();
          });
      await()
          .atMost(TestServer.LONG)
          .untilAsserted(() -> assertThat(server.loops.traffic().stallsCut()).isEqualTo(1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ecparam -name prime256v1 -genkey -out",
        "genrsa -traditional -out",
        "genpkey -algorithm RSA -out"
      })
  void readsKeysAsOpensslWritesThem(String how) throws Exception {
    String file = key.toString();
    openssl((how + " " + file).split(" "));
    openssl("req", "-x509", "-key", file, "-subj", "/CN=x", "-out", certificate.toString());
    try (Tls tls = tls()) {
      assertThat(tls.expiry()).isAfter(java.time.Instant.now());
    }
  }

  @Test
  void readsPkcs12() throws Exception {
    Path store = directory.resolve("server.p12");
    authority.issue("stored").writePkcs12(store, "secret");
    try (Tls tls = Tls.of(new TlsSource.Pkcs12(store, "secret"), null);
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls);
        RawClient client = connect(server, authority.client())) {
      assertThat(shownBy(client)).isEqualTo("CN=stored");
    }
    assertThatThrownBy(() -> Tls.of(new TlsSource.Pkcs12(store, "wrong"), null))
        .hasMessageContaining("the password is not that of the key store");
  }

  @Test
  void makesACertificateToTryItOut() throws Exception {
    try (Tls tls = Tls.of(new TlsSource.SelfSigned(List.of("push.example")), null);
        TestServer server = new TestServer(HttpLimits.DEFAULT, tls)) {
      String shown = openssl(server, "-tls1_3");
      assertThat(shown).contains("CN = posthaste (self-signed)");
      assertThat(tls.fingerprint()).matches("([0-9A-F]{2}:){31}[0-9A-F]{2}");
    }
  }

  @Test
  void saysWhatIsWrongWithFiles() throws Exception {
    Path other = directory.resolve("other.key");
    authority.issue("two").write(directory.resolve("other.crt"), other);
    assertThatThrownBy(() -> Tls.of(new TlsSource.Pem(certificate, other), null))
        .hasMessageContaining("key: not that of the certificate of CN=one");

    Path old = directory.resolve("old.crt");
    authority.issue("old", Duration.ofDays(-1)).write(old, other);
    assertThatThrownBy(() -> Tls.of(new TlsSource.Pem(old, other), null))
        .hasMessageContaining("certificate: expired at");

    assertThatThrownBy(() -> Tls.of(new TlsSource.Pem(key, key), null))
        .hasMessageContaining("no certificate in it (expected: PEM");
    assertThatThrownBy(() -> Tls.of(new TlsSource.Pem(certificate, certificate), null))
        .hasMessageContaining("no key in it (expected: PEM");
    assertThatThrownBy(
            () -> Tls.of(new TlsSource.Pem(certificate, directory.resolve("none")), null))
        .hasMessageContaining("is not there (expected: a file that can be read)");
  }
}
