package io.posthaste.door.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Policies;
import io.posthaste.engine.rocksdb.RocksLog;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.PublishRate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A publisher that is quicker than a log on disk: it is slowed down, and nothing is lost. */
@Timeout(60)
class BackPressureTest {
  @Test
  void readsNoFurtherWhileTooMuchIsUnansweredAndThenGoesOn(@TempDir Path data) throws IOException {
    int count = 3_000;
    TcpOptions narrow =
        new TcpOptions(
            "test",
            Duration.ofSeconds(5),
            Duration.ofSeconds(25),
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            10,
            10,
            10,
            7,
            1 << 20,
            PublishRate.UNLIMITED);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 1; i <= count; i++) {
      all.writeBytes(RawTcp.bytes(RawTcp.publish(i, "a", "" + i)));
    }
    try (RocksLog log = RocksLog.open(RocksLog.Options.of(data, Policies.DEFAULT));
        TcpServer server = new TcpServer(log, narrow, ConnectionLimits.DEFAULT, Map.of());
        RawTcp client = server.connect().greet()) {
      client.send(all.toByteArray());
      client.socket.shutdownOutput();
      for (int i = 1; i <= count; i++) {
        assertThat(client.next().getRef()).isEqualTo(i);
      }
      assertThat(client.read()).isNull();
    }
  }
}
