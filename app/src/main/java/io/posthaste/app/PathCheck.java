package io.posthaste.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What the doctor looks at between here and a server: each technique waits on a topic of its own, a
 * message is published, and what counts is how soon it comes.
 */
final class PathCheck {
  private static final Duration AT_ONCE = Duration.ofSeconds(2);
  private static final int PATIENT_SECONDS = 60;

  private final Client client;
  private final boolean patient;
  private final String topic = "posthaste-doctor/" + UUID.randomUUID();

  PathCheck(Client client, boolean patient) {
    this.client = client;
    this.patient = patient;
  }

  List<Finding> run() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    try {
      findings.add(health());
      for (Technique technique :
          List.of(Technique.LONG_POLL, Technique.SSE, Technique.NDJSON, Technique.WS)) {
        findings.add(arrival(technique));
      }
      if (patient) {
        findings.add(silence());
      }
      delete();
    } catch (IOException e) {
      findings.add(
          Finding.change(
              String.valueOf(client.unreachable(e).getMessage()),
              "see that the proxy passes /v1, /healthz and /readyz on, to a server that runs"));
    }
    return findings;
  }

  private Finding health() throws IOException, InterruptedException {
    HttpRequest request = client.request("/healthz").timeout(Duration.ofSeconds(10)).GET().build();
    long begun = System.nanoTime();
    HttpResponse<?> response = client.send(request);
    String proxy =
        response.headers().firstValue("Via").map(via -> ", via " + via).orElse("")
            + response.headers().firstValue("Server").map(name -> ", server " + name).orElse("");
    return Finding.good(client.base() + " answers in " + millis(begun) + " ms" + proxy);
  }

  /** Waits on the topic by the technique, publishes, and sees when it comes. */
  private Finding arrival(Technique technique) throws IOException, InterruptedException {
    String name = technique.toString();
    // "From now on" would race with the publishing below; the newest one's cursor does not.
    String cursor =
        client
            .json(client.request("/v1/updates?topic=" + Client.encode(topic)).build())
            .path("next")
            .asText();
    Arrival arrival = new Arrival();
    Place place = new Place(List.of(topic), cursor, null);
    Thread waiting = new Thread(() -> arrival.wait(technique.feed(client, Duration.ZERO), place));
    waiting.setDaemon(true);
    waiting.start();
    if (technique != Technique.LONG_POLL) {
      arrival.connected.await(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS);
    }
    long begun = System.nanoTime();
    client.json(
        client
            .request(Client.topicPath(topic))
            .POST(HttpRequest.BodyPublishers.ofString(name))
            .build());
    boolean came = arrival.came.await(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS);
    long took = millis(begun);
    waiting.interrupt();
    if (came) {
      return Finding.good(name + ": a message arrives at once, in " + took + " ms");
    }
    return Finding.change(
        name
            + ": "
            + arrival.failure.orElse("nothing arrived within " + AT_ONCE.toSeconds() + " s"),
        advice(technique));
  }

  private static String advice(Technique technique) {
    return switch (technique) {
      case WS ->
          "let the proxy pass the upgrade on; nginx: proxy_http_version 1.1;"
              + " proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;";
      case SSE, NDJSON ->
          "the proxy holds the stream back; nginx: proxy_buffering off; gzip off; others: no buffering,"
              + " no compression for it. Clients can use long-poll meanwhile";
      default -> "the proxy does not let a request wait: raise its read timeout to 75 s or more";
    };
  }

  /** A long poll is the one thing on which nothing passes for a minute. */
  private Finding silence() throws InterruptedException {
    String silent = topic + "/silent";
    HttpRequest request =
        client
            .request("/v1/updates?topic=" + Client.encode(silent) + "&wait=" + PATIENT_SECONDS)
            .timeout(Duration.ofSeconds(PATIENT_SECONDS + 15))
            .build();
    long begun = System.nanoTime();
    try {
      JsonNode page = client.json(request);
      return page.path("next").isTextual()
          ? Finding.good("silence of " + millis(begun) / 1000 + " s is not cut")
          : Finding.change("an answer that is not ours", "see that the proxy passes /v1 on");
    } catch (IOException e) {
      return Finding.change(
          String.format(
              Locale.ROOT, "silence is cut after %.1f s: %s", millis(begun) / 1e3, Reasons.of(e)),
          "raise the proxy's read timeout to 75 s or more (nginx: proxy_read_timeout 75s), or run serve with"
              + " a --heartbeat below it and let clients wait less");
    }
  }

  private void delete() throws IOException, InterruptedException {
    client.send(client.request(Client.topicPath(topic)).DELETE().build()).body().close();
  }

  private static long millis(long begunNanos) {
    return (System.nanoTime() - begunNanos) / 1_000_000;
  }

  /** One message's arrival. */
  private static final class Arrival implements Feed.Listener {
    private final CountDownLatch connected = new CountDownLatch(1);
    private final CountDownLatch came = new CountDownLatch(1);
    private volatile Optional<String> failure = Optional.empty();

    void wait(Feed feed, Place place) {
      try {
        feed.follow(place, this);
      } catch (IOException e) {
        failure = Optional.of(Reasons.of(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onConnected() {
      connected.countDown();
    }

    @Override
    public void onUpdate(Update update) {
      came.countDown();
    }

    @Override
    public void onMissed(JsonNode gaps) {}
  }
}
