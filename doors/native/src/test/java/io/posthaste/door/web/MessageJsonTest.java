package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.PollResult;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Encoded;
import io.posthaste.server.JsonCheck;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The exact bytes of each form. */
final class MessageJsonTest {
  private static final long AT = Instant.parse("2026-11-22T10:00:00.007Z").toEpochMilli();
  private static final String HEAD =
      "\"topic\":\"a/b\",\"id\":\"e1-0.z\",\"at\":\"2026-11-22T10:00:00.007Z\"";

  private final MessageJson json = new MessageJson("e1");

  private static Message message(String type, byte[] payload) {
    return new Message(
        new Topic("a/b"), 0, 35, 0, AT, type, Map.of(), Payload.wrap(payload), false);
  }

  private static Message message(String type, String payload) {
    return message(type, payload.getBytes(UTF_8));
  }

  private String written(Message message) {
    ByteBuf out = Unpooled.buffer();
    json.message(out, message);
    return out.toString(UTF_8);
  }

  private String data(String type, String payload) {
    return data(message(type, payload));
  }

  private String data(Message message) {
    String written = written(message);
    String head = "{" + HEAD + ",\"type\":\"" + message.type() + "\",\"data\":";
    assertThat(written).startsWith(head).endsWith("}");
    assertThat(TestJson.object(written)).containsKey("data");
    return written.substring(head.length(), written.length() - 1);
  }

  private String framed(Form form, Message message) {
    Encoded unit = form.encode(UnpooledByteBufAllocator.DEFAULT, json, message);
    String text = unit.framed().toString(UTF_8);
    unit.release();
    return text;
  }

  private static String chunk(String body) {
    return Integer.toHexString(body.getBytes(UTF_8).length) + "\r\n" + body + "\r\n";
  }

  @Test
  void aTextIsAStringAndJsonIsItself() {
    assertThat(data("text/plain", "hi")).isEqualTo("\"hi\"");
    assertThat(data("application/json", "{\"a\": [1, 2]}")).isEqualTo("{\"a\": [1, 2]}");
    assertThat(data("application/vnd.api+json; v=2", "null")).isEqualTo("null");
    assertThat(data("application/xml", "<a/>")).isEqualTo("\"<a/>\"");
    assertThat(data("application/yaml", "a: b")).isEqualTo("\"a: b\"");
    assertThat(data("image/svg+xml", "<svg/>")).isEqualTo("\"<svg/>\"");
    assertThat(data("Application/X-WWW-Form-Urlencoded", "a=b")).isEqualTo("\"a=b\"");
  }

  @Test
  void whatIsNeitherIsBase64() {
    assertThat(data("image/png", "hi")).isEqualTo("\"aGk=\",\"encoding\":\"base64\"");
    assertThat(data(message("text/plain", new byte[] {(byte) 0xc3, 0x28})))
        .isEqualTo("\"wyg=\",\"encoding\":\"base64\"");
    assertThat(data(message("text/plain", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80})))
        .endsWith("\"encoding\":\"base64\"");
  }

  @Test
  void jsonThatIsNoneIsNotBelieved() {
    for (String bad :
        List.of("", "{", "{}{}", "{\"a\":1,}", "\"a\nb\"", "\u0000", "\ufeff1", "NaN")) {
      assertThat(data("application/json", bad)).endsWith("\"encoding\":\"base64\"");
    }
    byte[] wide = "{}".getBytes(java.nio.charset.StandardCharsets.UTF_16LE);
    assertThat(data(message("application/json", wide))).endsWith("\"encoding\":\"base64\"");
    String deep = "[".repeat(JsonCheck.MAX_DEPTH + 1) + "]".repeat(JsonCheck.MAX_DEPTH + 1);
    assertThat(data("application/json", deep)).endsWith("\"encoding\":\"base64\"");
    assertThat(data("application/json", "1".repeat(JsonCheck.MAX_NUMBER_CHARS + 1)))
        .endsWith("\"encoding\":\"base64\"");
  }

  @Test
  void jsonStaysAsItWasSpeltButForLineBreaks() {
    String spelt = "{\"a\":1e999,\"a\":-0.0,\t\"b\":12345678901234567890123,\"c\":\"\\u003C\\/\"}";
    assertThat(data("application/json", spelt)).isEqualTo(spelt);
    assertThat(data("application/json", "{\r\n  \"a\":\r1\n}")).isEqualTo("{    \"a\": 1 }");
  }

  @Test
  void aStringEscapesWhatItMust() {
    assertThat(data("text/plain", "a\"b\\c\n\r\t\b\f\u0000\u001f\u007fé€😀\u2028/</script>"))
        .isEqualTo("\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0000\\u001f\u007fé€😀\u2028/</script>\"");
    assertThat(data("text/plain", "")).isEqualTo("\"\"");
  }

  @Test
  void aLargeTextIsWhole() {
    String large = "x\n".repeat(1 << 19);
    assertThat(TestJson.object(written(message("text/plain", large)))).containsEntry("data", large);
    byte[] bytes = new byte[1 << 20];
    new java.util.Random(1).nextBytes(bytes);
    assertThat(TestJson.object(written(message("application/octet-stream", bytes))))
        .containsEntry("data", Base64.getEncoder().encodeToString(bytes));
  }

  @Test
  void aMessageWithoutTypeHasNone() {
    assertThat(written(message("", "hi"))).isEqualTo("{" + HEAD + ",\"data\":\"hi\"}");
  }

  @Test
  void headersAndTombstones() {
    Map<String, String> headers = new java.util.LinkedHashMap<>();
    headers.put("b", "1\"");
    headers.put("a", "é");
    Message message =
        new Message(new Topic("a/b"), 0, 35, 0, AT, "text/plain", headers, Payload.of("hi"), false);
    assertThat(written(message))
        .isEqualTo(
            "{"
                + HEAD
                + ",\"type\":\"text/plain\",\"headers\":{\"b\":\"1\\\"\",\"a\":\"é\"},\"data\":\"hi\"}");
    Message tombstone =
        new Message(new Topic("a/b"), 0, 35, 3, AT, "", Map.of(), Payload.EMPTY, true);
    assertThat(written(tombstone)).isEqualTo("{" + HEAD + ",\"deleted\":true}");
  }

  @Test
  void theFormsOfAStream() {
    Message message = message("text/plain", "<\u2028\u2029€");
    String fields = HEAD + ",\"type\":\"text/plain\",\"data\":\"<\u2028\u2029€\"}";
    assertThat(framed(Form.EVENT, message))
        .isEqualTo(chunk("id: e1-0.z\ndata: {" + fields + "\n\n"));
    assertThat(framed(Form.EVENT_REST, message)).isEqualTo(chunk("data: {" + fields + "\n\n"));
    assertThat(framed(Form.LINE, message)).isEqualTo(chunk("{" + fields + "\n"));
    assertThat(framed(Form.LINE_REST, message)).isEqualTo(chunk(fields + "\n"));
    String safe = HEAD + ",\"type\":\"text/plain\",\"data\":\"\\u003c\\u2028\\u2029€\"}";
    assertThat(framed(Form.SCRIPT_REST, message)).isEqualTo(chunk(safe + ")</script>\n"));
  }

  @Test
  void theFormsOfAWebSocket() {
    Message message = message("", "hi");
    String text = "{\"op\":\"message\"," + HEAD + ",\"data\":\"hi\"}";
    Encoded unit = Form.FRAME.encode(UnpooledByteBufAllocator.DEFAULT, json, message);
    assertThat(text.length()).isLessThan(126);
    assertThat(unit.framed().getUnsignedByte(0)).isEqualTo((short) 0x81);
    assertThat(unit.framed().getUnsignedByte(1)).isEqualTo((short) text.length());
    assertThat(unit.body().toString(UTF_8)).isEqualTo(text);
    unit.release();
    Encoded rest = Form.FRAME_REST.encode(UnpooledByteBufAllocator.DEFAULT, json, message);
    assertThat(rest.body().toString(UTF_8)).isEqualTo(HEAD + ",\"data\":\"hi\"}");
    rest.release();
  }

  @Test
  void aPageAndWhatItMissed() {
    Cursor next = Cursor.of("e1", 0, 35).with(2, 7);
    assertThat(page(new PollResult(List.of(), next, false, List.of())))
        .isEqualTo("{\"messages\":[],\"next\":\"e1-0.z_2.7\",\"missed\":false}");
    List<Gap> gaps =
        List.of(new Gap(new TopicPattern("a/b"), 0, 36), new Gap(new TopicPattern("c/#"), 0, 0));
    Message message = message("", "hi");
    assertThat(page(new PollResult(List.of(message, message), next, true, gaps)))
        .isEqualTo(
            "{\"messages\":[{"
                + HEAD
                + ",\"data\":\"hi\"},{"
                + HEAD
                + ",\"data\":\"hi\"}],\"next\":\"e1-0.z_2.7\",\"missed\":true,\"gaps\":["
                + "{\"topic\":\"a/b\",\"from\":\"e1-0.10\"},{\"topic\":\"c/#\",\"from\":\"e1-0.z_2.7\"}],"
                + "\"more\":true}");
  }

  private String page(PollResult page) {
    ByteBuf out = Unpooled.buffer();
    json.page(out, page);
    TestJson.object(out.toString(UTF_8));
    return out.toString(UTF_8);
  }
}
