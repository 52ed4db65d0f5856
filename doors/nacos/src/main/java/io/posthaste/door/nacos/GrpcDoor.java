package io.posthaste.door.nacos;

import static java.util.Objects.requireNonNull;

import io.posthaste.access.Proved;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigListener;
import io.posthaste.config.Configs;
import io.posthaste.config.WaitRoom;
import io.posthaste.core.Hub;
import io.posthaste.core.Shard;
import io.posthaste.door.nacos.wire.Payload;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.Outlet;
import io.posthaste.server.Problem;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Response;
import io.posthaste.server.Route;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What clients of the 2.x and 3.x lines speak: gRPC of two methods. A client keeps one stream open,
 * on which it is told things, and makes calls beside it on the same connection; which client a call
 * is of is told by the connection alone. Thread-safe.
 */
final class GrpcDoor implements ConfigListener {
  /** JSON may write a byte of content as six. */
  private static final int MAX_CALL_BYTES = 15 << 20;

  private static final Logger LOGGER = LoggerFactory.getLogger(GrpcDoor.class);

  private final Configs configs;
  private final Sessions sessions;
  private final GrpcRequests requests;
  private final Map<Shard, GrpcShard> shards = new HashMap<>(); // not changed once it is made

  GrpcDoor(Hub hub, Configs configs, PublishRate rate, Sessions sessions, WaitRoom room) {
    this.configs = configs;
    this.sessions = sessions;
    this.requests = new GrpcRequests(configs, rate);
    for (Shard shard : hub.shards()) {
      shards.put(shard, new GrpcShard(shard, configs, room));
    }
    configs.listen(this);
  }

  List<Route> routes() {
    return List.of(
        Route.at("/Request/request").on("POST", this::call).maxBody(MAX_CALL_BYTES),
        Route.at("/BiRequestStream/requestBiStream").on("POST", this::stream).streamed());
  }

  int listened() {
    return shards.values().stream().mapToInt(shard -> shard.waits.size()).sum();
  }

  @Override
  public void onChanged(List<ConfigKey> keys) {
    shards.forEach(
        (shard, clients) -> {
          try {
            shard.loop().execute(() -> clients.tell(keys));
          } catch (RejectedExecutionException ended) {
            LOGGER.debug("loop ended before its clients were told");
          }
        });
  }

  private GrpcShard shard(Exchange exchange) {
    return requireNonNull(shards.get(exchange.shard()));
  }

  private static boolean refuseOthers(Exchange exchange) {
    boolean isOther = !GrpcCall.isGrpc(exchange.request());
    if (isOther) {
      Problem.of(415, "Content-Type: not gRPC (expected: " + GrpcCall.CONTENT_TYPE + ")")
          .answer(exchange);
    }
    return isOther;
  }

  private void stream(Exchange exchange) {
    if (refuseOthers(exchange)) {
      return;
    }
    GrpcConnection connection = new GrpcConnection(shard(exchange), exchange, sessions.nobody());
    exchange.receive(connection);
    Response head = GrpcCall.head();
    Outlet outlet = exchange.stream(head, connection);
    head.release();
    connection.open(outlet);
  }

  private void call(Exchange exchange) {
    if (refuseOthers(exchange)) {
      return;
    }
    GrpcCall call = new GrpcCall(exchange);
    call.run(
        () -> {
          call.limitTime();
          Payload request = GrpcFrames.one(exchange.request().body(), MAX_CALL_BYTES);
          if (!configs.isReady()) {
            call.refuse(GrpcCall.NOT_READY, "configs are still being read (expected: a retry)");
          } else if (request.getMetadata().getType().equals("ServerCheckRequest")) {
            call.answer(
                "ServerCheckResponse",
                GrpcCall.done()
                    .put("connectionId", Long.toString(exchange.connectionNumber()))
                    .put("supportAbilityNegotiation", true));
          } else {
            prove(exchange, call, request);
          }
        });
  }

  private void prove(Exchange exchange, GrpcCall call, Payload asked) {
    GrpcConnection from = shard(exchange).find(exchange.connectionNumber());
    if (from == null) {
      call.refuse(
          GrpcCall.NOT_CONNECTED,
          "this connection has not introduced itself (expected: ConnectionSetupRequest)");
      return;
    }
    GrpcMessage request = GrpcMessage.of(asked); // what it says is read only of those who are known
    if (request.type().equals("HealthCheckRequest")) { // shows nothing of whose it is
      from.heard();
      call.answer("HealthCheckResponse", GrpcCall.done());
      return;
    }
    CompletableFuture<Proved> proving = sessions.prove(exchange, request);
    if (proving.isDone()) {
      proved(exchange, call, request, from, proving.join());
    } else {
      proving.whenComplete(
          (proved, failure) ->
              exchange.resume(
                  () -> call.run(() -> proved(exchange, call, request, from, proving.join()))));
    }
  }

  private void proved(
      Exchange exchange, GrpcCall call, GrpcMessage request, GrpcConnection from, Proved proved) {
    if (from.isEnded()) { // while it was found out who asks
      call.refuse(GrpcCall.NOT_CONNECTED, "this connection's stream has ended");
    } else if (proved instanceof Proved.Admitted known && !exchange.countFor(known.session())) {
      call.refuse(GrpcCall.NOT_READY, Guard.tooManyConnections(known.session()).detail());
    } else if (proved instanceof Proved.Admitted known) {
      from.heard();
      from.actsFor(known.session());
      requests.answer(call, request, from);
    } else if (proved instanceof Proved.Refused refused) {
      call.refuse(403, refused.reason());
    } else {
      call.refuse(GrpcCall.NOT_READY, "who you are cannot be known now (expected: a retry)");
    }
  }
}
