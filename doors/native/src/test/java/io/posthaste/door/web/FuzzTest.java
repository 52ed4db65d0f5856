package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.posthaste.access.Session;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import io.posthaste.server.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever comes in, a parser takes it or refuses it in one line, and nothing else. Longer with
 * {@code -Dposthaste.fuzz=10000000}; another beginning with {@code -Dposthaste.fuzz.seed=N}.
 */
final class FuzzTest {
  private static final int ROUNDS = Integer.getInteger("posthaste.fuzz", 10_000);
  private static final long SEED = Long.getLong("posthaste.fuzz.seed", 1);

  private static final List<String> FRAMES =
      List.of(
          "{\"op\":\"subscribe\",\"topics\":[\"a\",\"b/**\"],\"after\":\"e1-0.1_1.2\",\"ref\":1}",
          "{\"op\":\"publish\",\"topic\":\"a\",\"data\":{\"x\":[1,-2.5e3,true,null]},\"key\":\"k\"}",
          "{\"topic\":\"a\",\"data\":\"aGk=\",\"type\":\"image/png\",\"encoding\":\"base64\"}",
          "{\"topic\":\"a\",\"data\":\"\\ud83d\\ude00\\u2028\",\"headers\":{\"a\":\"b\"},\"match\":\"*\"}",
          "{\"op\":\"ack\",\"consumer\":\"c\",\"id\":\"e1-0.1\"}");

  private static final List<String> QUERIES =
      List.of(
          "topic=a&topic=b/**&after=e1-0.1_1.2&limit=10&wait=30",
          "topic=a&last=10&only=latest",
          "topic=a&format=frame&callback=parent.got",
          "topic=*&after=@2026-11-22T10:00:00.5Z",
          "topic=a&before=e1-0.zz&limit=1000",
          "topic=a&consumer=c&lastEventId=e1-0.1");

  private static final List<String> HAVINGS =
      List.of(
          "{\"configs\":[{\"config\":\"public/G/a.yaml\",\"id\":\"e1-0.1\"}]}",
          "{\"configs\":[{\"config\":\"a/b/c\",\"md5\":\"0cc175b9c0f1b6a831c399e269772661\"},"
              + "{\"config\":\"a/b/d\",\"id\":null}]}");

  private static final List<String> CALLERS =
      List.of("application=shop&instance=shop-7&label.zone=%C3%A4&client=java%2F1", "label.a=b");

  private final Random random = new Random(SEED);

  private byte[] mutated(List<String> seeds) {
    byte[] bytes = seeds.get(random.nextInt(seeds.size())).getBytes(UTF_8);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length + 1);
      switch (random.nextInt(5)) {
        case 0 -> bytes = spliced(bytes, at, at, (byte) random.nextInt(256));
        case 1 -> bytes = spliced(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(5)));
        case 2 -> {
          byte[] other = seeds.get(random.nextInt(seeds.size())).getBytes(UTF_8);
          int from = random.nextInt(other.length);
          int to = from + random.nextInt(other.length - from + 1);
          bytes = spliced(bytes, at, at, java.util.Arrays.copyOfRange(other, from, to));
        }
        case 3 -> {
          if (at < bytes.length) {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
          }
        }
        default -> {
          byte[] interesting = "{}[]\",:\\\u0000\n0-e.*#+&=%@".getBytes(UTF_8);
          bytes = spliced(bytes, at, at, interesting[random.nextInt(interesting.length)]);
        }
      }
    }
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte... between) {
    ByteBuf out = Unpooled.buffer();
    out.writeBytes(bytes, 0, from).writeBytes(between).writeBytes(bytes, to, bytes.length - to);
    byte[] result = new byte[out.readableBytes()];
    out.readBytes(result);
    return result;
  }

  /** Runs a parser; only a refusal that fits a line may come out of it. */
  private static void offer(byte[] input, Consumer<byte[]> parser) {
    try {
      parser.accept(input);
    } catch (MalformedException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n", "\r").hasSizeLessThan(2_000);
    } catch (RuntimeException e) {
      throw new AssertionError("on " + new String(input, ISO_8859_1), e);
    }
  }

  @Test
  void framesAndLines() {
    for (int i = 0; i < ROUNDS; i++) {
      offer(
          mutated(FRAMES),
          json -> {
            JsonFields fields = JsonFields.parse("frame", json);
            fields.strings("topics", 10);
            fields.scalar("after");
            Publication.of(fields);
          });
    }
  }

  @Test
  void aMemberIsTheValueThatWasSent() {
    for (int i = 0; i < ROUNDS; i++) {
      offer(
          mutated(FRAMES),
          json -> {
            JsonFields fields = JsonFields.parse("frame", json);
            String spelt = fields.spelt("data");
            if (spelt != null) {
              Map<String, Object> whole = TestJson.object(new String(json, UTF_8));
              assertThat(TestJson.value(spelt)).isEqualTo(whole.get("data"));
            }
          });
    }
  }

  @Test
  void whatIsSaidToBeHadAndWhoSaysSo() {
    for (int i = 0; i < ROUNDS; i++) {
      offer(mutated(HAVINGS), Having::parse);
      offer(
          mutated(CALLERS),
          header -> CallerHeader.parse(new String(header, ISO_8859_1), "127.0.0.1"));
    }
  }

  @Test
  void queries() {
    for (int i = 0; i < ROUNDS; i++) {
      offer(
          mutated(QUERIES),
          query -> {
            Asked request = new Asked(new String(query, ISO_8859_1), random);
            UpdatesQuery asked = UpdatesQuery.of(request);
            if (!asked.topics().isEmpty()) {
              asked.subscription(Session.UNCHECKED);
            }
          });
    }
  }

  @Test
  void whateverIsPublishedIsOneJsonObjectOnOneLine() throws IOException {
    MessageJson json = new MessageJson("e1");
    JsonFactory strict = new JsonFactory();
    List<String> types = List.of("", "text/plain", "application/json", "image/png");
    for (int i = 0; i < ROUNDS; i++) {
      byte[] payload = mutated(FRAMES);
      String type = types.get(random.nextInt(types.size()));
      Message message =
          new Message(new Topic("a"), 0, 1, 0, 0, type, Map.of(), Payload.copyOf(payload), false);
      ByteBuf plain = Unpooled.buffer();
      json.message(plain, message);
      ByteBuf script = Unpooled.buffer();
      MessageJson.scriptSafe(script, plain);
      for (ByteBuf written : List.of(plain, script)) {
        String text = written.toString(UTF_8);
        assertThat(text).doesNotContain("\n", "\r");
        assertThat(text.getBytes(UTF_8)).hasSize(written.readableBytes());
        try (JsonParser parser = strict.createParser(text)) {
          parser.nextToken();
          parser.skipChildren();
          assertThat(parser.nextToken()).isNull();
        }
      }
      assertThat(script.toString(UTF_8)).doesNotContain("<", "\u2028", "\u2029");
    }
  }

  /** A request of a query and perhaps headers. */
  private static final class Asked implements Request {
    private final Map<String, List<String>> query = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    Asked(String query, Random random) {
      for (String pair : query.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        this.query.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
      }
      switch (random.nextInt(5)) {
        case 0 -> headers.put("accept", query.replace('&', ','));
        case 1 -> headers.put("prefer", query);
        case 2 -> headers.put("last-event-id", query);
        case 3 -> headers.put("upgrade", "websocket");
        default -> headers.put("accept", "text/event-stream;q=" + query);
      }
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String rawPath() {
      return "/v1/updates";
    }

    @Override
    public String rawQuery() {
      return "";
    }

    @Override
    public Map<String, List<String>> query() {
      return query;
    }

    @Override
    public @Nullable String header(String name) {
      return headers.get(name);
    }

    @Override
    public List<String> headers(String name) {
      String value = headers.get(name);
      return value == null ? List.of() : List.of(value);
    }

    @Override
    public ByteBuf body() {
      return Unpooled.EMPTY_BUFFER;
    }
  }
}
