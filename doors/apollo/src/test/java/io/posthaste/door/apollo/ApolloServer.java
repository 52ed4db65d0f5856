package io.posthaste.door.apollo;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.access.Access;
import io.posthaste.access.AccessOptions;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.WaitRoom;
import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.server.AllowedSites;
import io.posthaste.server.Guard;
import io.posthaste.server.HttpLimits;
import io.posthaste.server.HttpServer;
import io.posthaste.server.Loops;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A server with the door on a port of loopback, and a plain HTTP client of it. */
final class ApolloServer implements AutoCloseable {
  static final Policies KEPT = new Policies(ConfigPolicy.before(List.of()));

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  final InetSocketAddress address;
  final Hub hub;
  final Access access;
  final Configs configs;
  final ApolloDoor door;
  private final Loops loops = new Loops(2);
  private final Log own;

  ApolloServer() throws IOException {
    this(memory(), 0, ApolloOptions.DEFAULT, 1 << 20);
  }

  ApolloServer(ApolloOptions options) throws IOException {
    this(memory(), 0, options, 1 << 20);
  }

  /** Over a log, which is closed with the server. */
  ApolloServer(Log log, int port, ApolloOptions options, long room) throws IOException {
    own = log;
    hub = new Hub(log, loops.executors(), HubOptions.defaults());
    loops.attach(hub.shards());
    access = new Access(hub, AccessOptions.DEFAULT);
    access.onChange(loops::tellAccessChanged);
    access.whole().toCompletableFuture().join();
    configs = new Configs(hub);
    Guard guard = Guard.of(access, "operators-secret");
    door = new ApolloDoor(hub, configs, PublishRate.UNLIMITED, guard, options, new WaitRoom(room));
    address =
        new HttpServer(loops, HttpLimits.DEFAULT, AllowedSites.OWN, new Router(door.routes()))
            .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    await().atMost(Duration.ofSeconds(30)).until(door::isReady);
  }

  static Log memory() {
    return new MemoryLog(MemoryLog.Options.of(KEPT));
  }

  String url() {
    return "http://127.0.0.1:" + address.getPort();
  }

  /** Publishes as any other door would. */
  void publish(String namespace, String group, String name, String content) {
    publish(new ConfigKey(namespace, group, name), content);
  }

  void publish(ConfigKey key, String content) {
    Changed changed =
        configs
            .publish(key, Payload.of(content), ConfigAttributes.NONE, Expected.ANYTHING)
            .toCompletableFuture()
            .join();
    if (!(changed instanceof Changed.Done)) {
      throw new IllegalStateException(changed.toString());
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url() + path));
  }

  static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }

  static CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest request) {
    return HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  JsonNode json(String path) throws Exception {
    return Answers.JSON.readTree(get(path).body());
  }

  /** Asks for what has changed, of an application's default cluster. */
  CompletableFuture<HttpResponse<String>> poll(String appId, String notifications) {
    String path =
        "/notifications/v2?appId=%s&cluster=default&notifications=%s"
            .formatted(appId, encode(notifications));
    return sendAsync(request(path).build());
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws Exception {
    loops.drain(Duration.ofSeconds(4)).join();
    door.close();
    configs.close();
    access.close();
    hub.close();
    loops.close();
    own.close();
  }
}
