package io.posthaste.examples.longpoll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Log;
import io.posthaste.core.Shard;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** The application as its clients see it, and what it holds in memory meanwhile. */
final class LongPollTest {
  private static final String LONG = "--watch.wait=60s";
  private static final String SHORT = "--watch.wait=200ms";
  private static final int REQUEST_THREADS = 8;

  // With few threads of its own: left alone, a busy client makes hundreds, and they would be
  // counted.
  private final ExecutorService clientThreads = Executors.newFixedThreadPool(4);
  private final HttpClient client = HttpClient.newBuilder().executor(clientThreads).build();
  private ConfigurableApplicationContext application;
  private Hub hub;
  private int port;

  /** The same hub, but one that forgets a namespace as soon as nobody watches it. */
  @Configuration
  static class WithoutLinger {
    @Bean
    @Primary
    Hub hubWithoutLinger(Log log) {
      HubOptions usual = HubOptions.defaults();
      return new Hub(
          log,
          List.of(),
          new HubOptions(
              usual.tailBytes(), 0, usual.pageMessages(), usual.pageBytes(), usual.logReads()));
    }
  }

  @BeforeEach
  void start() {
    start(LONG);
  }

  private void start(String wait) {
    application =
        new SpringApplication(LongPollApplication.class, WithoutLinger.class)
            .run(
                "--server.port=0",
                "--server.tomcat.threads.max=" + REQUEST_THREADS,
                "--logging.level.root=warn",
                wait);
    hub = application.getBean(Hub.class);
    port = application.getEnvironment().getRequiredProperty("local.server.port", int.class);
  }

  private void restart(String wait) {
    application.close();
    start(wait);
  }

  @AfterEach
  void stop() {
    application.close();
    clientThreads.shutdownNow();
  }

  @Test
  void aWatchIsAnsweredWhenTheValueChangesAndLeavesNothing() throws Exception {
    CompletableFuture<HttpResponse<String>> watch = watch("app", null);
    await().until(() -> hub.stats().polls() == 1);
    String published = publish("app", "blue");
    HttpResponse<String> answer = watch.get(10, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("blue");
    assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain");
    assertThat(etag(answer)).isEqualTo(published);
    awaitNothingLeft();
  }

  @Test
  void aWatchIsAnswered304WhenTheWaitIsOverAndLeavesNothing() throws Exception {
    restart(SHORT);
    String tag = publish("app", "blue");
    HttpResponse<String> answer = watch("app", tag).get(10, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(304);
    assertThat(answer.body()).isEmpty();
    assertThat(etag(answer)).isEqualTo(tag);
    awaitNothingLeft();
  }

  @Test
  void aNamespaceWithoutAValueIsWatchedTheSameWay() throws Exception {
    restart(SHORT);
    HttpResponse<String> none = watch("app", null).get(10, TimeUnit.SECONDS);
    assertThat(none.statusCode()).isEqualTo(304);
    publish("app", "first");
    assertThat(watch("app", etag(none)).get(10, TimeUnit.SECONDS).body()).isEqualTo("first");
  }

  @Test
  void whoBringsNoTagIsGivenTheValueAtOnce() throws Exception {
    publish("app", "blue");
    assertThat(watch("app", null).get(10, TimeUnit.SECONDS).body()).isEqualTo("blue");
  }

  @Test
  void aTagThatWeNeverGaveOutIsAsNone() throws Exception {
    publish("app", "blue");
    for (String tag : List.of("*", "\"\"", "\"", "blue", "\"0-0.1\"", "\"a\", \"b\"")) {
      assertThat(watch("app", tag).get(10, TimeUnit.SECONDS).body()).as(tag).isEqualTo("blue");
    }
  }

  @Test
  void aTagThatAProxyWeakenedIsOurs() throws Exception {
    String tag = publish("app", "blue");
    CompletableFuture<HttpResponse<String>> watch = watch("app", "W/" + tag);
    await().until(() -> hub.stats().polls() == 1);
    publish("app", "green");
    assertThat(watch.get(10, TimeUnit.SECONDS).body()).isEqualTo("green");
  }

  @Test
  void whatIsPublishedBetweenTwoWatchesIsNotMissed() throws Exception {
    String seen = publish("app", "0");
    List<String> values = new ArrayList<>();
    CompletableFuture<Void> publisher =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 1; i <= 500; i++) {
                publish("app", String.valueOf(i));
              }
            });
    while (!values.contains("500")) {
      HttpResponse<String> answer = watch("app", seen).get(10, TimeUnit.SECONDS);
      assertThat(answer.statusCode()).isEqualTo(200);
      seen = etag(answer);
      values.add(answer.body());
    }
    publisher.get(10, TimeUnit.SECONDS);
    assertThat(values).doesNotHaveDuplicates();
    assertThat(values.stream().map(Integer::valueOf).toList()).isSorted();
    awaitNothingLeft();
  }

  @Test
  void othersNamespacesDoNotAnswerAWatch() throws Exception {
    CompletableFuture<HttpResponse<String>> watch = watch("mine", null);
    await().until(() -> hub.stats().polls() == 1);
    publish("others", "1");
    publish("mine", "2");
    assertThat(watch.get(10, TimeUnit.SECONDS).body()).isEqualTo("2");
  }

  @Test
  void aClientThatHasGoneIsForgottenWithTheNextChange() throws Exception {
    goneMidWait();
    publish("app", "blue");
    awaitNothingLeft();
  }

  @Test
  void aClientThatHasGoneIsForgottenWhenItsWaitIsOver() throws Exception {
    restart("--watch.wait=1s");
    goneMidWait();
    awaitNothingLeft();
  }

  @Test
  void twoThousandWaitOnAHandfulOfThreads() throws Exception {
    int waiting = 2_000;
    List<CompletableFuture<HttpResponse<String>>> watches = new ArrayList<>();
    for (int i = 0; i < waiting; i++) {
      watches.add(watch("app", null));
    }
    await().atMost(60, TimeUnit.SECONDS).until(() -> hub.stats().polls() == waiting);
    assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThan(200);
    publish("app", "blue");
    for (CompletableFuture<HttpResponse<String>> watch : watches) {
      assertThat(watch.get(60, TimeUnit.SECONDS).body()).isEqualTo("blue");
    }
    awaitNothingLeft();
  }

  @Test
  void whatIsNoNamespaceIsRefusedInOneLine() throws Exception {
    HttpResponse<String> answer = watch("a%23b", null).get(10, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("'#'").hasLineCount(1);
  }

  @Test
  void aValueThatIsTooLargeIsRefusedInOneLine() throws Exception {
    HttpResponse<String> answer = post("app", "x".repeat((1 << 20) + 1));
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("1048576").hasLineCount(1);
  }

  @Test
  void stoppingDoesNotWaitForThoseWhoWatch() {
    CompletableFuture<HttpResponse<String>> watch = watch("app", null);
    await().until(() -> hub.stats().polls() == 1);
    application.close();
    await().until(watch::isDone);
  }

  private void goneMidWait() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write("GET /watch/app HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
      await().until(() -> hub.stats().polls() == 1);
    }
  }

  private void awaitNothingLeft() {
    await().until(() -> hub.stats().readers() == 0 && hub.stats().polls() == 0);
    await().until(() -> deadlines() == 0);
    await().until(() -> hub.stats().feeds() == 0);
  }

  private int deadlines() throws Exception {
    int deadlines = 0;
    for (Shard shard : hub.shards()) {
      deadlines += shard.loop().submit(() -> shard.wheel().size()).get(5, TimeUnit.SECONDS);
    }
    return deadlines;
  }

  private CompletableFuture<HttpResponse<String>> watch(String namespace, String tag) {
    HttpRequest.Builder request = request("/watch/" + namespace);
    if (tag != null) {
      request.header("If-None-Match", tag);
    }
    return client.sendAsync(request.build(), BodyHandlers.ofString());
  }

  private String publish(String namespace, String value) {
    HttpResponse<String> answer = post(namespace, value);
    assertThat(answer.statusCode()).isEqualTo(204);
    return etag(answer);
  }

  private HttpResponse<String> post(String namespace, String value) {
    HttpRequest request =
        request("/publish/" + namespace)
            .header("Content-Type", "text/plain")
            .POST(HttpRequest.BodyPublishers.ofString(value))
            .build();
    return client.sendAsync(request, BodyHandlers.ofString()).join();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .version(HttpClient.Version.HTTP_1_1);
  }

  private static String etag(HttpResponse<?> answer) {
    return answer.headers().firstValue("ETag").orElseThrow();
  }
}
