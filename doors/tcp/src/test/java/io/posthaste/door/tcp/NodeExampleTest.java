package io.posthaste.door.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Id;
import io.posthaste.server.ConnectionLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The example that the door's page shows, run by Node as it stands there. */
@Timeout(60)
class NodeExampleTest {
  private static Process listen(TcpServer server, String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "node",
            Path.of("../../examples/tcp-node/listen.mjs").toString(),
            "127.0.0.1",
            "" + server.address.getPort());
    builder.command().addAll(List.of(arguments));
    return builder.redirectErrorStream(true).start();
  }

  @Test
  void hearsWhatIsPublishedAndAnswersPings() throws Exception {
    String large = "€".repeat(70_000);
    try (TcpServer server = new TcpServer(TcpServer.heartbeat(200), ConnectionLimits.DEFAULT)) {
      Process node = listen(server, "news/*", "3");
      try (BufferedReader said = node.inputReader(StandardCharsets.UTF_8)) {
        String began = said.readLine();
        assertThat(began).startsWith("ready ");
        // Told again only once the log has moved: a client that were silent would be cut by then.
        for (int i = 0; i < 5; i++) {
          Id elsewhere = server.publish("elsewhere", "" + i);
          assertThat(said.readLine()).isEqualTo("ready " + elsewhere);
        }
        Id first = server.publish("news/a", "hi");
        assertThat(said.readLine()).isEqualTo(first + " hi");
        Id second = server.publish("news/b", large);
        assertThat(said.readLine()).isEqualTo(second + " " + large);
        Id third = server.publish("news/a", "");
        assertThat(said.readLine()).isEqualTo(third + " ");
        assertThat(said.readLine()).isNull();
        assertThat(node.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).isZero();
      } finally {
        node.destroyForcibly();
      }
    }
  }

  @Test
  void saysWhatTheServerRefuses() throws Exception {
    try (TcpServer server = new TcpServer()) {
      Process node = listen(server, "a/#/b");
      try (BufferedReader said = node.inputReader(StandardCharsets.UTF_8)) {
        assertThat(said.readLine()).startsWith("pattern: ");
        assertThat(said.readLine()).isNull();
        assertThat(node.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).isEqualTo(1);
      } finally {
        node.destroyForcibly();
      }
    }
  }
}
