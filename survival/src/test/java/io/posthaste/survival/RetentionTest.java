package io.posthaste.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.posthaste.core.Cursor;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.TcpClient;
import io.posthaste.door.tcp.TcpGap;
import io.posthaste.door.tcp.TcpListener;
import io.posthaste.door.tcp.TcpMessage;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reader that was away while messages went that it had not seen is told so, and from where it
 * goes on, by whatever it reads.
 */
final class RetentionTest {
  private static final int KEPT = 10;
  private static final int PUBLISHED = 35;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  private ServerProcess server;
  private String oldCursor;
  private List<String> kept;

  @BeforeEach
  void publishMoreThanIsKept() throws Exception {
    server =
        new ServerProcess(directory, List.of("-Xmx128m"), "--keep", "a/#=count:" + KEPT).start();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < PUBLISHED; i++) {
      var request = server.request("/v1/topics/a/b").POST(BodyPublishers.ofString("m" + i)).build();
      var answer = server.client().send(request, BodyHandlers.ofString());
      ids.add(JSON.readTree(answer.body()).get("id").asText());
    }
    oldCursor = ids.get(0);
    kept = ids.subList(PUBLISHED - KEPT, PUBLISHED);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(ids(poll("0").get("messages"))).isEqualTo(kept));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private JsonNode poll(String after) throws Exception {
    var request = server.request("/v1/updates?topic=a/b&after=" + after).build();
    return JSON.readTree(server.client().send(request, BodyHandlers.ofString()).body());
  }

  private static List<String> ids(JsonNode messages) {
    List<String> ids = new ArrayList<>();
    messages.forEach(message -> ids.add(message.get("id").asText()));
    return ids;
  }

  private void assertTellsOfTheGap(JsonNode missed) {
    assertThat(missed.get("missed").asBoolean()).isTrue();
    assertThat(missed.get("gaps")).hasSize(1);
    assertThat(missed.get("gaps").get(0).get("topic").asText()).isEqualTo("a/b");
    assertThat(missed.get("gaps").get(0).get("from").asText()).isEqualTo(kept.get(0));
  }

  @Test
  void aPollTellsSo() throws Exception {
    JsonNode page = poll(oldCursor);

    assertTellsOfTheGap(page);
    assertThat(ids(page.get("messages"))).isEqualTo(kept);
    assertThat(poll(page.get("next").asText()).get("missed").asBoolean()).isFalse();
  }

  @Test
  void sseTellsSo() throws Exception {
    var request =
        server
            .request("/v1/updates?topic=a/b")
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", oldCursor)
            .build();
    try (var lines = server.client().send(request, BodyHandlers.ofLines()).body()) {
      Iterator<String> all = lines.iterator();
      while (!all.next().equals("event: missed")) {}
      assertTellsOfTheGap(data(all));
      List<String> ids = new ArrayList<>();
      while (ids.size() < KEPT) {
        ids.add(data(all).get("id").asText());
      }
      assertThat(ids).isEqualTo(kept);
    }
  }

  private static JsonNode data(Iterator<String> lines) throws Exception {
    String line = lines.next();
    while (!line.startsWith("data: ")) {
      line = lines.next();
    }
    return JSON.readTree(line.substring("data: ".length()));
  }

  @Test
  void aWebSocketTellsSo() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    WebSocket socket =
        server
            .client()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + server.address().getPort() + "/v1/updates"),
                new Whole(heard))
            .get();
    try {
      String subscribe =
          "{\"op\":\"subscribe\",\"topic\":\"a/b\",\"after\":\"" + oldCursor + "\",\"ref\":1}";
      socket.sendText(subscribe, true).get();
      assertTellsOfTheGap(next(heard, "missed"));
      List<String> ids = new ArrayList<>();
      while (ids.size() < KEPT) {
        ids.add(next(heard, "message").get("id").asText());
      }
      assertThat(ids).isEqualTo(kept);
    } finally {
      socket.abort();
    }
  }

  private static JsonNode next(BlockingQueue<String> heard, String op) throws Exception {
    while (true) {
      String text = heard.poll(20, TimeUnit.SECONDS);
      assertThat(text).as("a frame").isNotNull();
      JsonNode json = JSON.readTree(text);
      if (json.get("op").asText().equals(op)) {
        return json;
      }
      assertThat(json.get("op").asText()).isEqualTo("done");
    }
  }

  /** Puts the parts of messages together. */
  private record Whole(BlockingQueue<String> heard, StringBuilder text)
      implements WebSocket.Listener {
    Whole(BlockingQueue<String> heard) {
      this(heard, new StringBuilder());
    }

    @Override
    public @org.jspecify.annotations.Nullable CompletionStage<?> onText(
        WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        heard.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }

  @Test
  void tcpTellsSo() throws Exception {
    BlockingQueue<TcpGap> gaps = new LinkedBlockingQueue<>();
    BlockingQueue<TcpMessage> messages = new LinkedBlockingQueue<>();
    try (TcpClient client = TcpClient.connect(server.tcpAddress()).get()) {
      client.subscribe(
          Subscription.to(new TopicPattern("a/b"), new Start.After(Cursor.parse(oldCursor))),
          new TcpListener() {
            @Override
            public void onMessage(TcpMessage message) {
              messages.add(message);
            }

            @Override
            public void onMissed(List<TcpGap> missed) {
              assertThat(messages).isEmpty();
              gaps.addAll(missed);
            }
          });
      await().atMost(Duration.ofSeconds(20)).until(() -> messages.size() == KEPT);
      assertThat(gaps).containsExactly(new TcpGap("a/b", kept.get(0)));
      assertThat(messages).extracting(TcpMessage::id).isEqualTo(kept);
    }
  }
}
