package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.server.JsonCheck;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Publishes an input's lines as they come. One thread reads, the caller's sends: what has gathered
 * while a batch was on its way is the next batch, so a slow input's lines go out at once and a
 * quick one's in batches. When the server is slower than the input, the reader waits, and with it
 * whoever writes into the pipe.
 */
final class LinePublisher {
  private static final int WAITING_LINES = 4_000;
  private static final int BATCH_LINES = 1_000;
  private static final int BATCH_BYTES = 512 << 10;
  private static final int LARGEST_LINE_BYTES = 16 << 20;

  /**
   * What became of the lines.
   *
   * @param published how many the server took
   * @param refused how many it refused
   * @param took from the first to the last
   */
  record Outcome(long published, long refused, Duration took) {}

  private record Line(long number, byte[] bytes, @Nullable IOException failure) {
    boolean isEnd() {
      return number < 0;
    }
  }

  private final Client client;
  private final Retries retries;
  private final String topic;
  private final String type;
  private final String key;
  private final PrintWriter complaints;
  private final BlockingQueue<Line> waiting = new ArrayBlockingQueue<>(WAITING_LINES);
  private long published;
  private long refused;

  /**
   * A publisher.
   *
   * @param complaints told of each line that is refused, and when the server cannot be reached
   */
  LinePublisher(Client client, String topic, String type, String key, PrintWriter complaints) {
    this.client = client;
    this.retries = Retries.ofPublishing(client, complaints);
    this.complaints = complaints;
    this.topic = topic;
    this.type = type;
    this.key = key;
  }

  /**
   * Publishes all lines.
   *
   * @throws IOException if the input cannot be read
   * @throws CommandFailure if the server cannot be reached
   */
  Outcome publish(InputStream in) throws IOException, InterruptedException {
    Thread reader = new Thread(() -> read(in), "lines");
    reader.setDaemon(true);
    reader.start();
    long begun = System.nanoTime();
    @Nullable Line end = null;
    List<Line> batch = new ArrayList<>();
    while (end == null) {
      batch.clear();
      Line next = waiting.take();
      for (int bytes = 0; next != null; next = full(batch, bytes) ? null : waiting.poll()) {
        if (next.isEnd()) {
          end = next;
          break;
        }
        batch.add(next);
        bytes += next.bytes().length;
      }
      send(batch);
    }
    if (end.failure() != null) {
      throw end.failure();
    }
    return new Outcome(published, refused, Duration.ofNanos(System.nanoTime() - begun));
  }

  private static boolean full(List<Line> batch, int bytes) {
    return batch.size() >= BATCH_LINES || bytes >= BATCH_BYTES;
  }

  private void read(InputStream in) {
    @Nullable IOException failure = null;
    try {
      BufferedInputStream buffered = new BufferedInputStream(in, 64 << 10);
      long number = 0;
      for (byte[] line = line(buffered); line != null; line = line(buffered)) {
        waiting.put(new Line(++number, line, null));
      }
    } catch (IOException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      waiting.put(new Line(-1, new byte[0], failure));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A line without its end (LF or CRLF); null after the last. */
  private static byte @Nullable [] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    int b = in.read();
    if (b < 0) {
      return null;
    }
    for (; b >= 0 && b != '\n'; b = in.read()) {
      if (line.size() == LARGEST_LINE_BYTES) {
        throw new IOException("a line is longer than 16 MiB (expected: lines of text)");
      }
      line.write(b);
    }
    byte[] bytes = line.toByteArray();
    boolean crlf = b == '\n' && bytes.length > 0 && bytes[bytes.length - 1] == '\r';
    return crlf ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
  }

  private void send(List<Line> batch) throws InterruptedException {
    List<Line> sent = new ArrayList<>();
    StringBuilder body = new StringBuilder();
    for (Line line : batch) {
      try {
        body.append(Json.write(message(line))).append('\n');
        sent.add(line);
      } catch (IOException e) {
        refuse(line, Reasons.of(e));
      }
    }
    if (sent.isEmpty()) {
      return;
    }
    HttpRequest request =
        client
            .request("/v1/batch")
            .header("Content-Type", "application/x-ndjson")
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    List<JsonNode> answers = retries.call(() -> answers(request, sent.size()));
    for (int i = 0; i < sent.size(); i++) {
      JsonNode answer = answers.get(i);
      if (answer.has("id")) {
        published++;
      } else {
        refuse(sent.get(i), answer.path("detail").asText(answer.path("title").asText()));
      }
    }
  }

  private void refuse(Line line, String why) {
    refused++;
    complaints.println("line " + line.number() + ": " + why);
    complaints.flush();
  }

  private List<JsonNode> answers(HttpRequest request, int expected)
      throws IOException, InterruptedException {
    List<JsonNode> answers = new ArrayList<>(expected);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(client.send(request).body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        answers.add(Json.read(line));
      }
    }
    if (answers.size() != expected) {
      throw new IOException(answers.size() + " answers to " + expected + " messages");
    }
    return answers;
  }

  private ObjectNode message(Line line) throws IOException {
    ObjectNode message =
        Json.object().put("topic", topic).put("type", type).put("key", key + "-" + line.number());
    if (JsonCheck.isJson(type)) {
      return message.set("data", Json.read(new String(line.bytes(), StandardCharsets.UTF_8)));
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line.bytes())).toString();
      return message.put("data", text);
    } catch (CharacterCodingException e) {
      String base64 = Base64.getEncoder().encodeToString(line.bytes());
      return message.put("data", base64).put("encoding", "base64");
    }
  }
}
