package io.posthaste.app;

import io.posthaste.testkit.NatsServers;
import io.posthaste.testkit.TestAuthority;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract of access on both engines, over HTTP/1.1 and HTTP/2, with TLS and without: of the
 * doors that give topics. Those that give configs only, each in its own words, prove it in their
 * modules:
 *
 * <pre>
 *                       Nacos, HTTP         Nacos, gRPC         Apollo
 *   nothing shown       AccessTest                              ApolloClientTest
 *   a wrong key         AccessTest
 *   not granted         AccessTest          ClientsAccessTest   OpenApiAccessTest, SeenTest
 *   granted             AccessTest          ClientsAccessTest   ApolloClientTest, OpenApiAccessTest
 *   a key is revoked    AccessTest          ClientsAccessTest
 *   a grant is revoked                      GrpcLimitsTest
 *   a signature         ClientsAccessTest   ClientsAccessTest   ApolloClientTest
 * </pre>
 *
 * <p>What has no entry is proved of what all doors stand on, by this contract and by the tests of
 * {@code access}. Gray versions of configs: {@code ConfigDoorTest}.
 */
final class AccessSuiteTest {
  @Nested
  final class OnTheEmbeddedEngine extends AccessContract {
    @Override
    World start(Path data) {
      return World.of(new GuardedServer(data));
    }
  }

  /** Who may what is said on one node; clients come to another. */
  @Nested
  final class OnTwoNodesOfJetStream extends AccessContract {
    @Override
    World start(Path data) throws IOException {
      NatsServers nats = NatsServers.single();
      Map<String, List<String>> engine = Map.of("engine", List.of(nats.urls()));
      return new World(
          new GuardedServer(data.resolve("1"), engine),
          new GuardedServer(data.resolve("2"), engine),
          nats);
    }
  }

  /** HTTP/2 agreed on by ALPN; WebSocket and TCP over TLS as well. */
  @Nested
  final class OverHttp2WithTls extends AccessContract {
    @Override
    World start(Path data) throws IOException {
      TestAuthority authority = new TestAuthority();
      Path certificate = data.resolve("server.crt");
      Path key = data.resolve("server.key");
      authority.issue("server").write(certificate, key);
      SSLContext trusting = authority.client();
      HttpClient client =
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).sslContext(trusting).build();
      return World.of(
          new GuardedServer(
              data.resolve("log"),
              Map.of(
                  "tls-cert", List.of(certificate.toString()),
                  "tls-key", List.of(key.toString())),
              trusting,
              Wire.ofClient(client)));
    }
  }

  /** HTTP/2 by prior knowledge. */
  @Nested
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "what TLS leaves out of HTTP/2 is little; ./test --long runs it")
  final class OverHttp2InTheClear extends AccessContract {
    @Override
    World start(Path data) {
      return World.of(new GuardedServer(data, Map.of(), null, Wire.HTTP_2_IN_THE_CLEAR));
    }

    @Override
    List<Doors> doors() {
      return List.of(Doors.SHORT_POLL, Doors.LONG_POLL, Doors.EVENTS, Doors.LINES, Doors.FRAME);
    }
  }
}
