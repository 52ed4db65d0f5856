package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Server-sent events (WHATWG HTML, 9.2). The first event, which tells the cursor, is the proof. */
final class EventsCarrier implements Carrier {
  private final Http http;
  private final Options options;

  EventsCarrier(Http http, Options options) {
    this.http = http;
    this.options = options;
  }

  @Override
  public void follow(Node node, Place place, Sink sink) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        http.request(node.http(place.rest().path(false))).header("Accept", "text/event-stream");
    HttpResponse<Chunks> response = http.open(request);
    try (Chunks body = response.body()) {
      String type = response.headers().firstValue("Content-Type").orElse("none");
      if (response.statusCode() != 200) {
        throw refusal(response, body, sink);
      }
      if (!type.startsWith("text/event-stream")) {
        throw new IOException("not a stream of events but " + type);
      }
      new Events(sink).read(new LineReader(body, options.maxAnswerBytes));
    }
  }

  private RefusedException refusal(HttpResponse<Chunks> response, Chunks body, Sink sink)
      throws IOException, InterruptedException {
    LineReader lines = new LineReader(body, options.maxAnswerBytes);
    byte[] line = lines.next(options.answerLimit, sink);
    byte[] problem = line == null ? lines.partial() : line;
    return Refusals.refuse(new Http.Answer(response.statusCode(), response.headers(), problem));
  }

  /** The events of one stream. */
  private final class Events {
    private final Sink sink;
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private String event = "";
    private String id = "";
    private boolean begun;

    Events(Sink sink) {
      this.sink = sink;
    }

    void read(LineReader lines) throws IOException, InterruptedException {
      // Whatever comes first comes at once: who has nothing by then stands behind one who gathers.
      Duration limit = options.answerLimit;
      for (byte[] line = lines.next(limit, sink); line != null; line = lines.next(limit, sink)) {
        if (line.length == 0) {
          dispatch();
        } else {
          field(line);
        }
        limit = begun ? options.silenceLimit : options.answerLimit;
      }
    }

    private void field(byte[] line) throws IOException {
      int colon = 0;
      while (colon < line.length && line[colon] != ':') {
        colon++;
      }
      String name = new String(line, 0, colon, UTF_8);
      int from = colon + 1 < line.length && line[colon + 1] == ' ' ? colon + 2 : colon + 1;
      int length = Math.max(0, line.length - from);
      switch (name) {
        case "data":
          if (data.size() + length > options.maxAnswerBytes) {
            throw new IOException("an event of more than " + options.maxAnswerBytes + " bytes");
          }
          if (data.size() > 0) {
            data.write('\n');
          }
          data.write(line, Math.min(from, line.length), length);
          break;
        case "event":
          event = new String(line, Math.min(from, line.length), length, UTF_8);
          break;
        case "id":
          id = new String(line, Math.min(from, line.length), length, UTF_8);
          break;
        case "retry":
          retry(new String(line, Math.min(from, line.length), length, UTF_8));
          break;
        default: // comments, and what we do not know
      }
    }

    /** Said at the beginning for browsers, who know no back-off; at the end it is meant for us. */
    private void retry(String millis) {
      if (begun && millis.matches("[0-9]{1,9}")) {
        sink.comeBackAfter(Refusals.atMost(Duration.ofMillis(Long.parseLong(millis))));
      }
    }

    private void dispatch() throws IOException, InterruptedException {
      if (!begun && !id.isEmpty()) {
        begun = true;
        sink.works();
      }
      if (data.size() > 0) {
        JsonObject json = JsonObject.parse(data.toByteArray());
        if (event.equals("missed")) {
          sink.missed(Wire.gaps(json));
        } else if (event.isEmpty() || event.equals("message")) {
          Message message = Wire.message(json);
          sink.message(message, id.isEmpty() ? message.id() : id);
        }
      }
      if (!id.isEmpty()) {
        sink.cursor(id);
      }
      data.reset();
      event = "";
      id = "";
    }
  }
}
