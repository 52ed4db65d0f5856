package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys at an address that goes away, and comes back with others. */
@Timeout(60)
final class KeySourceTest {
  private final AtomicLong nanos = new AtomicLong();
  private @Nullable HttpServer issuer;

  @AfterEach
  void withdraw() {
    if (issuer != null) {
      issuer.stop(0);
    }
  }

  private static RSAKey key(String id) throws Exception {
    return new RSAKeyGenerator(2048).keyID(id).generate();
  }

  private InetSocketAddress publish(InetSocketAddress address, String keys) throws IOException {
    HttpServer begun = HttpServer.create(address, 0);
    begun.createContext(
        "/keys",
        exchange -> {
          byte[] body = keys.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    begun.start();
    issuer = begun;
    return begun.getAddress();
  }

  private static String set(RSAKey key) {
    return new JWKSet(key.toPublicJWK()).toString();
  }

  private static KeySource source(InetSocketAddress address, AtomicLong nanos) {
    URI url = URI.create("http://127.0.0.1:" + address.getPort() + "/keys");
    return new KeySource(new TokenOptions.KeySetUrl(url), nanos::get);
  }

  private void seconds(int more) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(more));
  }

  @Test
  void thoseBeforeHoldUntilItIsThereAgain() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    InetSocketAddress address = publish(any, set(key("k1")));
    try (KeySource source = source(address, nanos)) {
      source.refreshed().join();
      assertThat(source.keys().getKeyByKeyId("k1")).isNotNull();

      withdraw();
      seconds(61);
      source.refreshed().join();
      assertThat(source.keys().getKeyByKeyId("k1")).isNotNull();

      publish(address, set(key("k2")));
      assertThat(source.refreshed()).as("not asked again within 5 s").isDone();
      assertThat(source.keys().getKeyByKeyId("k2")).isNull();
      seconds(6);
      source.refreshed().join();
      assertThat(source.keys().getKeyByKeyId("k2")).isNotNull();
      assertThat(source.keys().getKeyByKeyId("k1")).as("taken away by the issuer").isNull();
    }
  }

  @Test
  void whatIsNoSetOfKeysTakesNoneAway() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    InetSocketAddress address = publish(any, set(key("k1")));
    try (KeySource source = source(address, nanos)) {
      source.refreshed().join();
      for (String broken : new String[] {"", "<html>", "{}", "x".repeat(300_000)}) {
        withdraw();
        publish(address, broken);
        seconds(61);
        source.refreshed().join();
        assertThat(source.keys().getKeyByKeyId("k1"))
            .as("after %d bytes", broken.length())
            .isNotNull();
      }
    }
  }
}
