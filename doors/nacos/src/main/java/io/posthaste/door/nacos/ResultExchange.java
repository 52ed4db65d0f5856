package io.posthaste.door.nacos;

import io.netty.buffer.ByteBufAllocator;
import io.posthaste.access.Session;
import io.posthaste.core.Shard;
import io.posthaste.server.BodyListener;
import io.posthaste.server.ClientCertificate;
import io.posthaste.server.Exchange;
import io.posthaste.server.Handler;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Outlet;
import io.posthaste.server.OutletListener;
import io.posthaste.server.Request;
import io.posthaste.server.Response;
import io.posthaste.server.Route;
import io.posthaste.server.WebSocketListener;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An exchange whose client looks for {@link Results}, whatever comes: the request itself, which
 * would tell, is let go as soon as its answer waits.
 */
final class ResultExchange implements Exchange {
  private final Exchange exchange;

  private ResultExchange(Exchange exchange) {
    this.exchange = exchange;
  }

  /** The same route, answered so. */
  static Route on(Route route) {
    Map<String, Handler> handlers = new LinkedHashMap<>();
    route
        .handlers()
        .forEach(
            (method, handler) ->
                handlers.put(method, exchange -> handler.handle(new ResultExchange(exchange))));
    return new Route(
        route.path(),
        route.isPrefix(),
        handlers,
        route.maxBodyBytes(),
        route.isForAnyHost(),
        route.isStreamed());
  }

  @Override
  public Request request() {
    return exchange.request();
  }

  @Override
  public @Nullable ClientCertificate clientCertificate() {
    return exchange.clientCertificate();
  }

  @Override
  public InetAddress client() {
    return exchange.client();
  }

  @Override
  public @Nullable InetAddress knownClient() {
    return exchange.knownClient();
  }

  @Override
  public boolean countFor(Session session) {
    return exchange.countFor(session);
  }

  @Override
  public long connectionNumber() {
    return exchange.connectionNumber();
  }

  @Override
  public void receive(BodyListener listener) {
    exchange.receive(listener);
  }

  @Override
  public void resume(Runnable rest) {
    exchange.resume(rest);
  }

  @Override
  public boolean isSecure() {
    return exchange.isSecure();
  }

  @Override
  public Shard shard() {
    return exchange.shard();
  }

  @Override
  public ByteBufAllocator alloc() {
    return exchange.alloc();
  }

  @Override
  public void respond(Response response) {
    exchange.respond(response);
  }

  @Override
  public void hold(HoldListener listener) {
    exchange.hold(listener);
  }

  @Override
  public Outlet stream(Response head, OutletListener listener) {
    return exchange.stream(head, listener);
  }

  @Override
  public void webSocket(@Nullable String subprotocol, WebSocketListener listener) {
    exchange.webSocket(subprotocol, listener);
  }
}
