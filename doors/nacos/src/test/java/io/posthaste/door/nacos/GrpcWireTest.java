package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.Md5;
import io.posthaste.core.Payload;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** gRPC, message by message. */
final class GrpcWireTest {
  private final NacosServer server;

  GrpcWireTest() throws Exception {
    server = new NacosServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private static ObjectNode config(String tenant) {
    ObjectNode json = RawGrpc.json().put("dataId", "a").put("group", "G");
    return tenant == null ? json : json.put("tenant", tenant);
  }

  private static ObjectNode listening(String tenant, String md5) {
    ObjectNode json = RawGrpc.json().put("listen", true);
    json.putArray("configListenContexts").add(config(tenant).put("md5", md5));
    return json;
  }

  private static int error(GrpcMessage answer) {
    return answer.json().path("errorCode").asInt();
  }

  @Test
  void whoHasNotIntroducedHimselfIsToldSo() throws Exception {
    try (RawGrpc client = new RawGrpc(server)) {
      client.open(); // and says nothing yet
      assertThat(client.call("ServerCheckRequest", RawGrpc.json()).json().toString())
          .contains("\"resultCode\":200", "\"supportAbilityNegotiation\":true");
      assertThat(error(client.call("HealthCheckRequest", RawGrpc.json()))).isEqualTo(301);
      client.say("ConnectionSetupRequest", RawGrpc.json().set("abilityTable", RawGrpc.json()));
      GrpcMessage ack = client.message(RawGrpc.STREAM);
      assertThat(ack.type()).isEqualTo("SetupAckRequest");
      assertThat(ack.json().path("abilityTable").path("fuzzyWatch").asBoolean()).isTrue();
      assertThat(
              client.call("HealthCheckRequest", RawGrpc.json()).json().path("resultCode").asInt())
          .isEqualTo(200);
      assertThat(error(client.call("InstanceRequest", RawGrpc.json()))).isEqualTo(302);
    }
  }

  @Test
  void aNamespaceIsSpeltAsItWas() throws Exception {
    server.publish("a", "1");
    for (String tenant : new String[] {null, "", "public"}) {
      try (RawGrpc client = new RawGrpc(server).connected()) {
        GrpcMessage changed = client.call("ConfigBatchListenRequest", listening(tenant, ""));
        assertThat(changed.json().path("changedConfigs").get(0)).isEqualTo(config(tenant));
        String md5 = Md5.of(Payload.of("1")).toString();
        assertThat(
                client
                    .call("ConfigBatchListenRequest", listening(tenant, md5))
                    .json()
                    .path("changedConfigs"))
            .isEmpty();
        server.publish("a", "2");
        GrpcMessage push = client.message(RawGrpc.STREAM);
        assertThat(((ObjectNode) push.json()).without("requestId").toString())
            .isEqualTo(config(tenant).toString());
        server.publish("a", "1");
      }
    }
  }

  @Test
  void whatIsNotAcknowledgedIsSaidAgainAndWhatIsNotFollowedToo() throws Exception {
    try (RawGrpc client = new RawGrpc(server).connected()) {
      client.call("ConfigBatchListenRequest", listening("", ""));
      server.publish("a", "1");
      GrpcMessage first = client.message(RawGrpc.STREAM);
      assertThat(first.type()).isEqualTo("ConfigChangeNotifyRequest");
      GrpcMessage again = client.message(RawGrpc.STREAM); // not acknowledged
      assertThat(again.json().path("requestId")).isNotEqualTo(first.json().path("requestId"));
      client.acknowledge(first); // of no consequence: it was said again under another id
      client.acknowledge(again);
      GrpcMessage reminder = client.message(RawGrpc.STREAM); // acknowledged, not looked at
      client.acknowledge(reminder);
      String md5 = Md5.of(Payload.of("1")).toString();
      client.call("ConfigBatchListenRequest", listening("", md5));
      server.publish("a", "2");
      GrpcMessage next = client.message(RawGrpc.STREAM);
      assertThat(next.json().path("dataId").asText()).isEqualTo("a");
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "takes half a minute: with -Dlong=true")
  void whoAcknowledgesNothingIsEnded() throws Exception {
    try (RawGrpc client = new RawGrpc(server).connected()) {
      client.call("ConfigBatchListenRequest", listening("", ""));
      assertThat(server.door.listened()).isEqualTo(1);
      server.publish("a", "1");
      assertThat(client.status(RawGrpc.STREAM)).isEqualTo("14");
      await().until(() -> server.door.listened() == 0);
    }
  }

  @Test
  void whoGoesIsForgotten() throws Exception {
    try (RawGrpc client = new RawGrpc(server).connected()) {
      client.call("ConfigBatchListenRequest", listening("", ""));
      ObjectNode no = listening("", "").put("listen", false);
      client.call("ConfigBatchListenRequest", no);
      assertThat(server.door.listened()).isZero();
      client.call("ConfigBatchListenRequest", listening("", ""));
      assertThat(server.door.listened()).isEqualTo(1);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> server.door.listened() == 0);
  }

  @Test
  void whatIsAskedWronglyIsRefused() throws Exception {
    try (RawGrpc client = new RawGrpc(server).connected()) {
      assertThat(client.httpStatus(client.send(new byte[0], "content-type", "text/plain")))
          .isEqualTo("415");
      assertThat(client.status(client.send(new byte[] {1, 0, 0, 0, 0}))).isEqualTo("12");
      assertThat(client.status(client.send(new byte[] {0, 0, 0, 0, 9, 1}))).isEqualTo("3");
      assertThat(client.status(client.send(new byte[] {0, 127, 0, 0, 0, 0}))).isEqualTo("8");
      assertThat(client.status(client.send(new byte[] {0, 0, 0, 0, 1, 7}))).isEqualTo("3");
      byte[] good = RawGrpc.frame("HealthCheckRequest", RawGrpc.json());
      assertThat(client.status(client.send(good, "grpc-timeout", "soon"))).isEqualTo("3");
      assertThat(client.status(client.send(good, "grpc-timeout", "5S"))).isEqualTo("0");
      assertThat(error(client.call("ConfigQueryRequest", config("").put("group", "a/b"))))
          .isEqualTo(400);
      assertThat(error(client.call("ConfigQueryRequest", config("")))).isEqualTo(300);
      client.say("ConnectionSetupRequest", RawGrpc.json()); // a second time
      assertThat(client.status(RawGrpc.STREAM)).isEqualTo("3");
    }
  }

  @Test
  void nothingIsSaidToBeAbsentWhileConfigsAreNotKnown() throws Exception {
    try (RawGrpc client = new RawGrpc(server).connected()) {
      server.configs.close();
      await().until(() -> !server.configs.isReady());
      for (String type : new String[] {"ServerCheckRequest", "ConfigQueryRequest"}) {
        GrpcMessage answer = client.call(type, config(""));
        assertThat(answer.type()).isEqualTo("ErrorResponse"); // which clients take for a failure
        assertThat(error(answer)).isEqualTo(300);
      }
    }
  }

  @Test
  void whoIsConnectedIsSentElsewhereWhenTheServerGoes() throws Exception {
    NacosServer going = new NacosServer();
    try (RawGrpc client = new RawGrpc(going).connected()) {
      client.call("HealthCheckRequest", RawGrpc.json());
      going.close();
      assertThat(client.message(RawGrpc.STREAM).type()).isEqualTo("ConnectResetRequest");
      assertThat(client.status(RawGrpc.STREAM)).isEqualTo("14");
    }
  }
}
