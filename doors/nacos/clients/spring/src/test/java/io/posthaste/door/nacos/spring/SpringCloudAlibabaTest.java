package io.posthaste.door.nacos.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.junit.PosthasteExtension;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

/** The shop against a server of ours. */
final class SpringCloudAlibabaTest {
  private static final int PORT = freePort();

  @RegisterExtension
  static final PosthasteExtension SERVER =
      PosthasteExtension.onDisk().with("nacos", "127.0.0.1:" + PORT);

  @TempDir private Path directory;

  /** One that is free, with that 1,000 above it; below the ports that connections are given. */
  private static int freePort() {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int port = 20_000 + (int) (ProcessHandle.current().pid() % 1_000); ; port++) {
      try (ServerSocket http = new ServerSocket(port, 1, loopback);
          ServerSocket grpc = new ServerSocket(port + 1_000, 1, loopback)) {
        assertThat(grpc.isBound()).isTrue();
        return http.getLocalPort();
      } catch (BindException taken) {
        assertThat(port).isLessThan(30_000);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void set(int price) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + "/nacos/v1/cs/configs"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                BodyPublishers.ofString(
                    "dataId=shop.yaml&group=DEFAULT_GROUP&type=yaml&content=price:%20" + price))
            .build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body())
        .isEqualTo("true");
  }

  private static void awaitPrice(Shop shop, int price) {
    await().atMost(Duration.ofSeconds(60)).until(() -> shop.price() == price);
  }

  @Test
  void aChangedValueReachesTheBeanAlsoAfterTheServerHasBeenAway() throws Exception {
    System.setProperty("JM.SNAPSHOT.PATH", directory.toString());
    System.setProperty("JM.LOG.PATH", directory.toString());
    set(1);
    SpringApplication application = new SpringApplication(ShopApplication.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    try (ConfigurableApplicationContext context =
        application.run("--spring.cloud.nacos.config.server-addr=127.0.0.1:" + PORT)) {
      Shop shop = context.getBean(Shop.class);
      assertThat(shop.price()).isEqualTo(1);
      set(2);
      awaitPrice(shop, 2);
      SERVER.restart();
      set(3);
      awaitPrice(shop, 3);
    }
  }
}
