package io.posthaste.door.nacos;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Actor;
import io.posthaste.access.Administration;
import io.posthaste.access.Change;
import io.posthaste.access.Grant;
import io.posthaste.access.Identity;
import io.posthaste.access.Right;
import io.posthaste.access.Session;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.nacos.wire.Metadata;
import io.posthaste.door.nacos.wire.Payload;
import io.posthaste.server.PublishRate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one client may take over gRPC, and what it is no longer told. */
final class GrpcLimitsTest {
  private static final Actor OPERATOR = new Actor("operator", "", "cli");
  private static final int AT_ONCE = 250; // fit into a frame of HTTP/2

  private final NacosServer server;

  GrpcLimitsTest() throws Exception {
    server = new NacosServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, SECONDS);
  }

  private static ObjectNode listening(int from) {
    ObjectNode json = RawGrpc.json().put("listen", true);
    ArrayNode all = json.putArray("configListenContexts");
    for (int i = from; i < from + AT_ONCE; i++) {
      all.addObject().put("dataId", "n" + i).put("group", "G").put("md5", "");
    }
    return json;
  }

  private static int code(GrpcMessage answer) {
    return answer.json().path("errorCode").asInt();
  }

  @Test
  void oneConnectionListensToSoManyAndNoMore() throws Exception {
    try (RawGrpc client = new RawGrpc(server).connected()) {
      for (int i = 0; i < GrpcConnection.MOST_WAITS; i += AT_ONCE) {
        assertThat(code(client.call("ConfigBatchListenRequest", listening(i)))).isZero();
      }
      assertThat(code(client.call("ConfigBatchListenRequest", listening(0)))).isZero(); // again
      int beyond = GrpcConnection.MOST_WAITS;
      assertThat(code(client.call("ConfigBatchListenRequest", listening(beyond)))).isEqualTo(503);
      assertThat(server.door.listened()).isEqualTo(GrpcConnection.MOST_WAITS);
    }
  }

  @Test
  void namesThatMayNotBeReadAnyMoreAreNotSaidAgain() throws Exception {
    server.publish("a", "1");
    Administration administration = new Administration(server.access);
    now(administration.addAccount(OPERATOR, new Identity(Identity.Kind.USER, "first"), null));
    Grant toRead = new Grant(Right.READ, new TopicPattern("config/public/G/#"));
    now(administration.addAccount(OPERATOR, new Identity(Identity.Kind.SERVICE, "ann"), null));
    now(administration.grant(OPERATOR, "ann", toRead));
    Change made = now(administration.createKey(OPERATOR, "ann", "test", Session.NEVER));
    String key = ((Change.KeyMade) made).text();
    try (RawGrpc client = new RawGrpc(server).connected()) {
      ObjectNode watch =
          RawGrpc.json()
              .put("groupKeyPattern", "public>>G>>*")
              .put("watchType", "WATCH")
              .put("initializing", true);
      watch.putArray("receivedGroupKeys");
      assertThat(code(as(key, client, "ConfigFuzzyWatchRequest", watch))).isZero();
      assertThat(names(client)).contains("a+G+public");

      now(administration.revoke(OPERATOR, "ann", toRead));
      String again = names(client); // as nothing is acknowledged
      while (again.contains("a+G")) { // what was on its way
        again = names(client);
      }
      assertThat(again).isEqualTo("[]");
    }
  }

  @Test
  void whoPublishesTooFastIsRefusedAfterAPause() throws Exception {
    PublishRate one = PublishRate.of(0.001, System::nanoTime); // and another after 17 minutes
    ObjectNode publish = RawGrpc.json().put("dataId", "a").put("group", "G").put("content", "1");
    try (NacosServer held = new NacosServer(one);
        RawGrpc client = new RawGrpc(held).connected()) {
      assertThat(code(client.call("ConfigPublishRequest", publish))).isZero();
      for (String type : List.of("ConfigPublishRequest", "ConfigRemoveRequest")) {
        long asked = System.nanoTime();
        GrpcMessage answer = client.call(type, publish);
        Duration waited = Duration.ofNanos(System.nanoTime() - asked);
        assertThat(code(answer)).as(type).isEqualTo(503);
        assertThat(answer.json().path("message").asText()).contains("as much as it may for now");
        assertThat(waited).isGreaterThanOrEqualTo(Duration.ofMillis(PublishRate.PAUSE_MILLIS));
      }
    }
  }

  /** Makes a call, and shows a key. */
  private static GrpcMessage as(String key, RawGrpc client, String type, ObjectNode json)
      throws Exception {
    Payload payload = GrpcMessage.payload(type, json);
    Metadata shown = payload.getMetadata().toBuilder().putHeaders("accessToken", key).build();
    ByteBuf frame =
        GrpcFrames.encode(ByteBufAllocator.DEFAULT, payload.toBuilder().setMetadata(shown).build());
    try {
      return client.message(client.send(ByteBufUtil.getBytes(frame)));
    } finally {
      frame.release();
    }
  }

  /** Those of the next message that tells what matches. */
  private static String names(RawGrpc client) throws Exception {
    GrpcMessage push = client.message(RawGrpc.STREAM);
    while (!push.json().path("syncType").asText().equals("FUZZY_WATCH_INIT_NOTIFY")) {
      push = client.message(RawGrpc.STREAM);
    }
    return push.json().path("contexts").toString();
  }
}
