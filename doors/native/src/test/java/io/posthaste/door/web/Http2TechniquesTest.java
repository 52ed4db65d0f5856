package io.posthaste.door.web;

import io.posthaste.core.Log;
import io.posthaste.server.Tls;
import io.posthaste.server.TlsException;
import io.posthaste.server.TlsSource;
import io.posthaste.testkit.DoorContract;
import io.posthaste.testkit.DoorServer;
import io.posthaste.testkit.StreamingDoorContract;
import io.posthaste.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Techniques keep the contract of doors by HTTP/2 over TLS as well: one that streams, one that
 * asks.
 */
final class Http2TechniquesTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  private static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static Tls tls;

  @SuppressWarnings("NullAway.Init")
  private static SSLContext client;

  @BeforeAll
  static void certify() throws IOException, TlsException {
    TestAuthority authority = new TestAuthority();
    Path certificate = directory.resolve("server.crt");
    Path key = directory.resolve("server.key");
    authority.issue("server").write(certificate, key);
    tls = Tls.of(new TlsSource.Pem(certificate, key), null);
    client = authority.client();
  }

  @AfterAll
  static void close() {
    tls.close();
  }

  @Nested
  final class ServerSentEvents extends StreamingDoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(
          log,
          stall,
          tls,
          (address, want) -> new Clients.Events(() -> new Http2Connection(address, client), want),
          address -> new Http2Connection(address, client));
    }

    @Override
    protected Map<String, String> malformed() {
      return TechniquesTest.ofStreams("", TechniquesTest.SSE);
    }
  }

  @Nested
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "what streaming does not hold is held over HTTP/1.1: with -Dlong=true")
  final class LongPoll extends DoorContract {
    @Override
    protected DoorServer serve(Log log, Duration stall) throws IOException {
      return new NativeServer(
          log,
          stall,
          tls,
          (address, want) ->
              new Clients.Polling(() -> new Http2Connection(address, client), want, "&wait=10"),
          address -> new Http2Connection(address, client));
    }

    @Override
    protected Map<String, String> malformed() {
      return TechniquesTest.ofPolls();
    }
  }
}
