package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.alibaba.nacos.api.NacosFactory;
import com.alibaba.nacos.api.config.ConfigService;
import com.alibaba.nacos.api.config.listener.AbstractListener;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Nacos client whose server dies while it listens. */
final class NacosClientTest {
  private static final int CONFIGS = 20;
  private static final int READ_MILLIS = 5_000;

  static {
    System.setProperty("JM.SNAPSHOT.PATH", Path.of("target", "nacos").toAbsolutePath().toString());
    System.setProperty("JM.LOG.PATH", Path.of("target", "nacos").toAbsolutePath().toString());
    System.setProperty("nacos.logging.default.config.enabled", "false");
  }

  @TempDir private Path directory;

  private Child serve(String place) {
    return Child.serve(directory, "--nacos", place);
  }

  /** Where nothing listens, nor 1,000 above; below the ports that connections are given. */
  private static String freePlace() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int port = 20_000 + (int) (ProcessHandle.current().pid() % 1_000); ; port++) {
      try (ServerSocket http = new ServerSocket(port, 1, loopback);
          ServerSocket grpc = new ServerSocket(port + 1_000, 1, loopback)) {
        assertThat(grpc.isBound()).isTrue();
        return "127.0.0.1:" + http.getLocalPort();
      } catch (BindException taken) {
        assertThat(port).isLessThan(30_000);
      }
    }
  }

  private static String place(Child server) {
    return server.awaitLine("ready http=").replaceFirst(".* nacos=([^ ]+) .*", "$1");
  }

  @Test
  void nobodyIsHandedNullAndNoUpdateIsLostWhenTheServerIsKilledAndComesBack() throws Exception {
    List<ConcurrentLinkedQueue<String>> heard = new ArrayList<>();
    Child first = serve(freePlace());
    String place = place(first);
    Properties properties = new Properties();
    properties.put("serverAddr", place);
    properties.put("configRetryTime", "200");
    ConfigService client = NacosFactory.createConfigService(properties);
    try {
      for (int i = 0; i < CONFIGS; i++) {
        ConcurrentLinkedQueue<String> contents = new ConcurrentLinkedQueue<>();
        heard.add(contents);
        assertThat(client.publishConfig("c" + i, "G", "old")).isTrue();
        client.addListener(
            "c" + i,
            "G",
            new AbstractListener() {
              @Override
              public void receiveConfigInfo(String content) {
                contents.add(String.valueOf(content));
              }
            });
      }
      first.signal("KILL");
      await().until(() -> !first.isAlive());
      try (Child second = serve(place)) {
        assertThat(place(second)).isEqualTo(place);
        for (int i = 0; i < CONFIGS; i++) {
          assertThat(client.getConfig("c" + i, "G", READ_MILLIS)).isEqualTo("old");
          assertThat(client.publishConfig("c" + i, "G", "new")).isTrue();
        }
        await()
            .atMost(Child.PATIENCE)
            .until(() -> heard.stream().allMatch(contents -> contents.contains("new")));
        assertThat(heard).allSatisfy(contents -> assertThat(contents).doesNotContain("null"));
      }
    } finally {
      client.shutDown();
      first.close();
    }
  }
}
