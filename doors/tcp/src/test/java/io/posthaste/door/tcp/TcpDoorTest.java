package io.posthaste.door.tcp;

import static io.posthaste.door.tcp.RawTcp.hello;
import static io.posthaste.door.tcp.RawTcp.subscribe;

import com.google.protobuf.ByteString;
import io.posthaste.core.Log;
import io.posthaste.door.tcp.v1.Ack;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Header;
import io.posthaste.door.tcp.v1.Hello;
import io.posthaste.door.tcp.v1.Latest;
import io.posthaste.door.tcp.v1.Poll;
import io.posthaste.door.tcp.v1.Publish;
import io.posthaste.door.tcp.v1.Subscribe;
import io.posthaste.door.tcp.v1.Unsubscribe;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.testkit.DoorServer;
import io.posthaste.testkit.StreamingDoorContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What every door must hold, by the TCP door. */
class TcpDoorTest extends StreamingDoorContract {
  private final Map<String, byte[]> bad = new LinkedHashMap<>();
  private final Map<String, String> answers = new LinkedHashMap<>();

  TcpDoorTest() {
    raw("an HTTP client", ascii("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "expected a Hello");
    raw("a TLS client", new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc}, "expected a Hello");
    raw("a terminal", ascii("hello\r\n"), "expected a Hello");
    raw("a length without end", hex("ffffffffffffffff"), "expected a Hello");
    raw("a length of 34 bits", hex("ffffffff7f0812"), "expected a Hello");
    raw("no Hello first", RawTcp.bytes(subscribe(1, "", "a")), "helloExpected");
    raw("an empty frame first", hex("00000000"), "expected a Hello");
    raw("another protocol", RawTcp.bytes(greeting("posthaste.v9", "x")), "unsupportedProtocol");
    raw("a long name", RawTcp.bytes(greeting("posthaste.v1", "x".repeat(200))), "malformed");
    raw("a Hello too large", RawTcp.bytes(greeting("posthaste.v1", "x".repeat(70_000))), "Hello");
    raw("a Hello that is none", hex("0412020aff"), "malformed");

    greeted("no protobuf", hex("03ffffff"), "malformed");
    greeted("a torn field", hex("05080922020a"), "malformed");
    greeted("no UTF-8", hex("0508022a030a01ff"), "malformed");
    greeted("no operation", hex("020805"), "unknownOp");
    greeted("an empty frame", hex("00"), "unknownOp");
    greeted("an operation of the future", hex("050805a2060100"), "unknownOp");
    greeted("a second Hello", RawTcp.bytes(hello()), "said already");
    greeted("a frame too large", tooLarge(2 << 20), "tooLarge");
    greeted("a frame far too large", hex("ffffff7f08050000000000000000000000"), "tooLarge");
    greeted("a length without end later", hex("ffffffffffffffff"), "malformed");

    greeted("no topics", RawTcp.bytes(subscribe(1, "")), "topics: 0");
    greeted("a bad pattern", RawTcp.bytes(subscribe(1, "", "a/#/b")), "pattern");
    greeted("a bad cursor", RawTcp.bytes(subscribe(1, "what?", "a")), "cursor");
    greeted("a bad time", RawTcp.bytes(subscribe(1, "@noon", "a")), "RFC 3339");
    greeted(
        "the last none",
        RawTcp.bytes(
            frame().setSubscribe(Subscribe.newBuilder().addTopics("a").setLast(0)).build()),
        "last: 0");
    greeted("a ref twice", RawTcp.bytes(subscribe(1, "", "a"), subscribe(1, "", "b")), "refTaken");
    greeted(
        "a topic twice",
        RawTcp.bytes(subscribe(1, "", "a/+"), subscribe(2, "", "a/b")),
        "topicTaken");
    greeted(
        "no such reader",
        RawTcp.bytes(frame().setUnsubscribe(Unsubscribe.getDefaultInstance()).build()),
        "unknownRef");

    greeted("no topic", RawTcp.bytes(RawTcp.publish(1, "", "x")), "topic");
    greeted("a wildcard", RawTcp.bytes(RawTcp.publish(1, "a/#", "x")), "topic");
    greeted("the server's topic", RawTcp.bytes(RawTcp.publish(1, "$consumers/a", "x")), "reserved");
    greeted(
        "a payload too large",
        RawTcp.bytes(RawTcp.publish(1, "a", "x".repeat(1 << 21))),
        "tooLarge");
    published("a bad type", Publish.newBuilder().setType("a\nb"), "type");
    published(
        "bad JSON",
        Publish.newBuilder()
            .setType("application/json; charset=utf-8")
            .setPayload(ByteString.copyFromUtf8("{\"a\":")),
        "not JSON");
    published(
        "two JSON values",
        Publish.newBuilder().setType("a/b+json").setPayload(ByteString.copyFromUtf8("1 2")),
        "more than one");
    published(
        "a bad header",
        Publish.newBuilder().addHeaders(Header.newBuilder().setName("a b").setValue("c")),
        "headers");
    published("a long key", Publish.newBuilder().setKey("k".repeat(300)), "key");
    published("a bad condition", Publish.newBuilder().setMatch("newest"), "id");

    greeted(
        "a large page",
        RawTcp.bytes(frame().setPoll(Poll.newBuilder().addTopics("b").setLimit(2_000)).build()),
        "limit: 2000");
    greeted(
        "the latest of a pattern",
        RawTcp.bytes(frame().setLatest(Latest.newBuilder().setTopic("+")).build()),
        "topic");
    greeted(
        "the latest of nothing",
        RawTcp.bytes(frame().setLatest(Latest.newBuilder().setTopic("none")).build()),
        "notFound");
    greeted(
        "nobody's place",
        RawTcp.bytes(frame().setAck(Ack.newBuilder().setCursor("abc-0.1")).build()),
        "consumer");
  }

  private static ClientFrame.Builder frame() {
    return ClientFrame.newBuilder().setRef(9);
  }

  private static ClientFrame greeting(String protocol, String client) {
    return frame().setHello(Hello.newBuilder().setProtocol(protocol).setClient(client)).build();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] hex(String text) {
    return java.util.HexFormat.of().parseHex(text);
  }

  private static byte[] tooLarge(int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size + 4);
    bytes.put(hex("80808001")); // 2 MiB
    bytes.put(hex("0809"));
    return bytes.array();
  }

  private void raw(String name, byte[] bytes, String answer) {
    bad.put(name, bytes);
    answers.put(name, answer);
  }

  private void greeted(String name, byte[] bytes, String answer) {
    byte[] hello = RawTcp.bytes(hello());
    raw(
        name,
        ByteBuffer.allocate(hello.length + bytes.length).put(hello).put(bytes).array(),
        answer);
  }

  private void published(String name, Publish.Builder publish, String answer) {
    greeted(name, RawTcp.bytes(frame().setPublish(publish.setTopic("b")).build()), answer);
  }

  @Override
  protected DoorServer serve(Log log, Duration stall) throws IOException {
    return new TcpServer(log, TcpOptions.DEFAULT, ConnectionLimits.DEFAULT.withStall(stall), bad);
  }

  @Override
  protected Map<String, String> malformed() {
    return answers;
  }
}
