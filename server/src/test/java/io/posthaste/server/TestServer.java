package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Shard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server on a free port of loopback, with routes that do what tests need. */
final class TestServer implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(20);

  final Loops loops;
  final InetSocketAddress address;
  private final MemoryLog log;
  private final Hub hub;
  final BlockingQueue<Exchange> held = new LinkedBlockingQueue<>();
  final BlockingQueue<TestOutlet> streams = new LinkedBlockingQueue<>();
  final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  TestServer() {
    this(HttpLimits.DEFAULT);
  }

  TestServer(HttpLimits limits) {
    this(limits, AllowedSites.OWN);
  }

  TestServer(HttpLimits limits, AllowedSites sites) {
    this(limits, sites, loops -> List.of());
  }

  TestServer(HttpLimits limits, AllowedSites sites, Function<Loops, List<Route>> more) {
    this(limits, sites, new Loops(2), more, null);
  }

  TestServer(HttpLimits limits, @Nullable Tls tls) {
    this(limits, AllowedSites.OWN, new Loops(2), loops -> List.of(), tls);
  }

  TestServer(ConnectionQuota quota) {
    this(HttpLimits.DEFAULT, AllowedSites.OWN, new Loops(2, quota), loops -> List.of(), null);
  }

  private TestServer(
      HttpLimits limits,
      AllowedSites sites,
      Loops loops,
      Function<Loops, List<Route>> more,
      @Nullable Tls tls) {
    this.loops = loops;
    log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
    hub = new Hub(log, loops.executors(), HubOptions.defaults());
    loops.attach(hub.shards());
    List<Route> routes = new ArrayList<>(more.apply(loops));
    routes.add(Route.at("/hello").on("GET", exchange -> text(exchange, 200, "hello")));
    routes.add(
        Route.at("/echo")
            .on(
                "POST",
                exchange ->
                    text(exchange, 200, exchange.request().body().toString(StandardCharsets.UTF_8)))
            .maxBody(1000));
    routes.add(
        Route.under("/path/")
            .on(
                "GET",
                exchange ->
                    text(exchange, 200, PercentCoding.decode(exchange.request().rawPath()))));
    routes.add(
        Route.at("/query")
            .on("GET", exchange -> text(exchange, 200, "" + exchange.request().query())));
    routes.add(
        Route.at("/who")
            .on(
                "GET",
                exchange -> text(exchange, 200, String.valueOf(exchange.clientCertificate()))));
    routes.add(
        Route.at("/client")
            .on("GET", exchange -> text(exchange, 200, exchange.client().getHostAddress())));
    routes.add(
        Route.at("/known")
            .on(
                "GET",
                exchange -> {
                  InetAddress known = exchange.knownClient();
                  text(exchange, 200, known == null ? "nobody" : known.getHostAddress());
                }));
    routes.add(
        Route.at("/any")
            .on("GET", exchange -> text(exchange, 200, "read"))
            .on("POST", exchange -> text(exchange, 200, "written")));
    routes.add(Route.at("/talk").on("POST", this::talk).streamed());
    routes.add(
        Route.at("/trailers")
            .on(
                "GET",
                exchange -> {
                  Response response =
                      Response.of(
                          200,
                          Map.of(),
                          TestOutlet.bytes("body"),
                          Map.of("X-Number", "" + exchange.connectionNumber()));
                  exchange.respond(response);
                  response.release();
                }));
    routes.add(Route.at("/hold").on("GET", this::hold));
    routes.add(Route.at("/stream").on("GET", this::stream));
    routes.add(
        Route.at("/socket")
            .on("GET", exchange -> exchange.webSocket(null, new TestOutlet(this)))
            .maxBody(70_000));
    routes.add(
        Route.at("/broken")
            .on(
                "GET",
                exchange -> {
                  throw new IllegalStateException("as the test wants");
                }));
    try {
      address =
          new HttpServer(loops, limits, sites, new Router(routes))
              .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void text(Exchange exchange, int status, String text) {
    Response response =
        Response.of(
            status,
            Map.of("Content-Type", "text/plain"),
            Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    exchange.respond(response);
    response.release();
  }

  private void hold(Exchange exchange) {
    exchange.hold(
        new HoldListener() {
          @Override
          public void onGone() {
            events.add("gone");
          }

          @Override
          public void onHurry() {
            events.add("hurry");
            text(exchange, 200, "nothing yet");
          }
        });
    held.add(exchange);
  }

  private void stream(Exchange exchange) {
    TestOutlet outlet = new TestOutlet(this);
    Response head = Response.of(200, Map.of("Content-Type", "text/event-stream"));
    outlet.outlet = exchange.stream(head, outlet);
    outlet.shard = exchange.shard();
    head.release();
    outlet.outlet.write(ByteBufUtil.writeUtf8(exchange.alloc(), "begin\n"));
    outlet.outlet.flush();
    streams.add(outlet);
  }

  /** Says back what it hears, and how much it was at the end. */
  private void talk(Exchange exchange) {
    TestOutlet outlet = new TestOutlet(this);
    exchange.receive(
        new BodyListener() {
          private int heard;

          @Override
          public void onBytes(ByteBuf bytes) {
            heard += bytes.readableBytes();
            outlet.outlet.write(bytes.copy());
            outlet.outlet.flush();
          }

          @Override
          public void onEnd() {
            outlet.outlet.end(Map.of("X-Heard", "" + heard));
          }
        });
    Response head = Response.of(200, Map.of());
    outlet.outlet = exchange.stream(head, outlet);
    outlet.outlet.flush();
    outlet.shard = exchange.shard();
    head.release();
  }

  /** Answers the next held exchange. */
  void answerHeld(String text) throws InterruptedException {
    Exchange exchange = held.poll(LONG.toSeconds(), TimeUnit.SECONDS);
    if (exchange == null) {
      throw new AssertionError("nothing is held");
    }
    exchange.shard().loop().execute(() -> text(exchange, 200, text));
  }

  TestOutlet nextStream() throws InterruptedException {
    TestOutlet outlet = streams.poll(LONG.toSeconds(), TimeUnit.SECONDS);
    if (outlet == null) {
      throw new AssertionError("no stream has begun");
    }
    return outlet;
  }

  @Nullable String nextEvent() throws InterruptedException {
    return events.poll(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  RawClient connect() throws IOException {
    return new RawClient(address);
  }

  long deadlines() {
    long sum = 0;
    for (Shard shard : hub.shards()) {
      sum += sum(shard);
    }
    return sum;
  }

  private static long sum(Shard shard) {
    try {
      return shard.loop().submit(() -> shard.wheel().size()).get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    loops.drain(Duration.ofMillis(200)).join();
    hub.close();
    loops.close();
    log.close();
  }
}
