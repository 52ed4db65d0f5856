package io.posthaste.door.nacos;

import static org.awaitility.Awaitility.await;

import io.posthaste.access.Access;
import io.posthaste.access.AccessOptions;
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
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A server with the door on a port of loopback, and a plain HTTP client of it. */
final class NacosServer implements AutoCloseable {
  static final Policies KEPT = new Policies(ConfigPolicy.before(List.of()));

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  final InetSocketAddress address;
  final Hub hub;
  final Access access;
  final Configs configs;
  final NacosDoor door;
  private final Loops loops = new Loops(2);
  private final Log own;

  NacosServer() throws IOException {
    this(memory(), 0, 1 << 20);
  }

  /** Whose publishers are held to a rate. */
  NacosServer(PublishRate rate) throws IOException {
    this(memory(), 0, 1 << 20, rate);
  }

  /** Over a log, which is closed with the server. */
  NacosServer(Log log, int port, long room) throws IOException {
    this(log, port, room, PublishRate.UNLIMITED);
  }

  private NacosServer(Log log, int port, long room, PublishRate rate) throws IOException {
    own = log;
    hub = new Hub(log, loops.executors(), HubOptions.defaults());
    loops.attach(hub.shards());
    access = new Access(hub, AccessOptions.DEFAULT);
    access.onChange(loops::tellAccessChanged);
    access.whole().toCompletableFuture().join();
    configs = new Configs(hub);
    Guard guard = Guard.of(access, "operators-secret");
    door = new NacosDoor(hub, configs, rate, guard, new WaitRoom(room));
    Router router = new Router(door.routes());
    address = listen(new HttpServer(loops, HttpLimits.DEFAULT, AllowedSites.OWN, router), port);
    await().atMost(Duration.ofSeconds(60)).until(configs::isReady);
  }

  /** Listens on a port, and where clients look for gRPC: 1,000 above it. */
  private static InetSocketAddress listen(HttpServer server, int port) throws IOException {
    IOException taken = new IOException("no two ports are free");
    for (int i = 0; i < 50; i++) {
      InetSocketAddress bound = server.listen(at(port));
      try {
        server.listen(at(bound.getPort() + 1_000));
        return bound;
      } catch (IOException | IllegalArgumentException e) { // the first stays: it harms nobody
        taken.addSuppressed(e);
      }
    }
    throw taken;
  }

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  static Log memory() {
    return new MemoryLog(MemoryLog.Options.of(KEPT));
  }

  String place() {
    return "127.0.0.1:" + address.getPort();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + place() + "/nacos/v1" + path));
  }

  static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  HttpResponse<String> delete(String path) throws Exception {
    return send(request(path).DELETE().build());
  }

  HttpResponse<String> post(String path, String form, String... headers) throws Exception {
    return send(form(path, form, headers));
  }

  private HttpRequest form(String path, String form, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")
            .POST(BodyPublishers.ofString(form));
    return headers.length == 0 ? request.build() : request.headers(headers).build();
  }

  /** Changes a config of the default namespace and group G; returns when it is kept. */
  void put(String name, String content) {
    configs
        .publish(
            new ConfigKey("", "G", name),
            Payload.of(content),
            ConfigAttributes.NONE,
            Expected.ANYTHING)
        .toCompletableFuture()
        .join();
  }

  HttpResponse<String> publish(String name, String content, String... headers) throws Exception {
    return post("/cs/configs", "dataId=" + name + "&group=G&content=" + encode(content), headers);
  }

  CompletableFuture<HttpResponse<String>> listen(String listening, String... headers) {
    String form = "Listening-Configs=" + encode(listening) + "&";
    return HTTP.sendAsync(
        form("/cs/configs/listener", form, headers), HttpResponse.BodyHandlers.ofString());
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws Exception {
    loops.drain(Duration.ofSeconds(4)).join();
    configs.close();
    access.close();
    hub.close();
    loops.close();
    own.close();
  }
}
