package io.posthaste.app;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The race in a real browser, against a real server. */
final class RaceTest {
  private static final List<String> LANES =
      List.of("short-poll", "long-poll", "iframe", "sse", "websocket");

  @TempDir private static Path profile;
  private static @Nullable Chromium started;

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path data;
  private @Nullable DemoServer server;
  private String url = "";
  private int port;

  @BeforeAll
  static void startBrowser() {
    started = new Chromium(profile);
  }

  @AfterAll
  static void endBrowser() {
    browser().close();
  }

  private static Chromium browser() {
    return Objects.requireNonNull(started);
  }

  @AfterEach
  void end() {
    browser().open("about:blank");
    stopServer();
  }

  @Test
  void everyLaneShowsEveryMessageOnceAndInOrder() throws Exception {
    openRace("memory");

    publish("a", 300);

    awaitHeard("a", 300);
    assertThat(browser().texts(".check"))
        .hasSize(5)
        .allMatch(text -> text.contains("none lost, none twice"));
    for (String lane : LANES) {
      assertThat(figure(lane, "messages")).isGreaterThanOrEqualTo(300);
    }
    assertThat(figure("websocket", "requests")).isEqualTo(1);
    assertThat(figure("sse", "requests")).isEqualTo(1);
    assertThat(figure("iframe", "requests")).isEqualTo(1);
    assertThat(figure("short-poll", "requests")).isPositive();
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void publishedInTheBoxLandsInEveryLaneWithItsLatency() throws Exception {
    openRace("memory");

    browser().part("#text").sendKeys("<b>hello</b> & 你好", Keys.ENTER);

    for (String lane : LANES) {
      browser()
          .awaitTrue(
              "[...document.querySelectorAll('[data-lane=\""
                  + lane
                  + "\"] .yours')]"
                  + ".filter(row => row.textContent.match(/^<b>hello<\\/b> & 你好[0-9.]+ m?s$/)).length === 1");
    }
    browser().awaitTrue("document.querySelectorAll('#places .due').length === 0");
    assertThat(browser().part("#subject").getText()).isEqualTo("your message <b>hello</b> & 你好");
    assertThat(browser().part("#text").getDomProperty("value")).isEmpty();
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void hiddenTabHoldsNoConnectionAndResumesWithoutLossOrRepeat() throws Exception {
    openRace("memory");
    publish("a", 20);
    awaitHeard("a", 20);
    awaitHeldConnections(4);

    Runnable show = browser().hideBehindAnotherTab();
    awaitHeldConnections(0);
    publish("b", 250);
    show.run();

    awaitHeard("b", 250);
    assertThat(heard("short-poll", "a")).hasSize(20);
    awaitHeldConnections(4);
    browser()
        .awaitTrue(
            "[...document.querySelectorAll('.check')].every(check => /\\d caught up/.test(check.textContent))");
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void pausedLaneHoldsNoConnectionAndCatchesUp() throws Exception {
    openRace("memory");
    awaitHeldConnections(4);

    browser().part("[data-lane=sse] .pause").click();
    awaitHeldConnections(3);
    publish("a", 10);
    await().atMost(30, SECONDS).until(() -> heard("websocket", "a").size() == 10);
    assertThat(heard("sse", "a")).isEmpty();

    browser().part("[data-lane=sse] .pause").click();
    awaitHeard("a", 10);

    browser().part("#pause-all").click();
    awaitHeldConnections(0);
    assertThat(browser().part("#pause-all").getText()).isEqualTo("Resume all");
    browser().part("#pause-all").click();
    awaitHeldConnections(4);
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void whatWasMissedIsSaid() throws Exception {
    openRace("memory");

    stopServer(); // and with it all that it kept
    browser().awaitTrue("document.querySelector('#server').textContent === 'Server away'");
    startServer("memory", port);

    for (String lane : LANES) {
      browser()
          .awaitTrue(
              "document.querySelector('[data-lane=\"" + lane + "\"] .messages .gap') !== null");
      browser()
          .awaitTrue(
              "/1 gap told/.test(document.querySelector('[data-lane=\""
                  + lane
                  + "\"] .check').textContent)");
    }
    publish("b", 20);
    awaitHeard("b", 20);
    browser().complaints(); // that there was no server
  }

  @Test
  void serverThatGoesAndComesBackIsSaidAndSurvived() throws Exception {
    openRace("embedded");
    publish("a", 20);
    awaitHeard("a", 20);

    stopServer();
    browser().awaitTrue("document.querySelector('#server').textContent === 'Server away'");
    assertThat(browser().part("#notice").getText()).contains("The server is away");

    startServer("embedded", port);
    publish("b", 20);
    awaitHeard("b", 20);
    browser()
        .awaitTrue(
            "/The server is back after/.test(document.querySelector('#notice').textContent)");
    assertThat(heard("long-poll", "a")).hasSize(20);
    browser()
        .awaitTrue(
            "[...document.querySelectorAll('.check')].every(check => /none lost, none twice/.test(check.textContent))");
    browser().complaints(); // that there was no server
  }

  @Test
  void burstIsFedAsFastAsAskedAndEndsWithThePage() throws Exception {
    openRace("memory");

    setBurst(200);
    await().atMost(30, SECONDS).until(() -> figure("websocket", "messages") >= 500);
    browser()
        .awaitTrue(
            "[...document.querySelectorAll('.check')].every(check => /none lost, none twice/.test(check.textContent))");
    browser().open("about:blank");

    await().atMost(30, SECONDS).until(() -> !isGrowing("demo/burst"));
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void coloursCanBeChosenAndAreRemembered() throws Exception {
    openRace("memory");
    browser().screen(1440, 1000, 1, "light");
    String paper = "return getComputedStyle(document.body).backgroundColor";
    Object light = browser().run(paper);

    browser().part("#theme").click();
    browser().part("#theme").click();
    assertThat(browser().part("#theme").getDomAttribute("aria-label")).startsWith("Colours: dark");
    Object dark = browser().run(paper);
    browser().open(url + "/demo/race/");
    browser().awaitTrue("document.documentElement.dataset.theme === 'dark'");
    assertThat(browser().run(paper)).isEqualTo(dark).isNotEqualTo(light);

    browser().part("#theme").click();
    assertThat(browser().run(paper)).isEqualTo(light);
  }

  @Test
  void fitsAPhoneWithoutScrollingSideways() throws Exception {
    browser().screen(390, 844, 1, "light");
    openRace("memory");
    browser().part("#text").sendKeys("W".repeat(200), Keys.ENTER);
    browser().awaitTrue("document.querySelectorAll('.yours').length === 5");

    assertThat(browser().run("return document.documentElement.scrollWidth")).isEqualTo(390L);
    browser().screen(1440, 1000, 1, "light");
  }

  /** With {@code -Drace.pictures=DIR} the pictures of the documentation are made there. */
  @Test
  void picturesAreTaken() throws Exception {
    Path folder = Path.of(System.getProperty("race.pictures", "target/race"));
    openRace("embedded");
    boolean isForDocumentation = System.getProperty("race.pictures") != null;
    setBurst(isForDocumentation ? 3 : 20);
    await()
        .atMost(90, SECONDS)
        .until(() -> figure("short-poll", "messages") >= (isForDocumentation ? 180 : 20));
    for (String colours : List.of("light", "dark")) {
      browser().screen(1440, 1540, 1, colours);
      String suffix = colours.equals("light") ? "" : "-dark";
      takePicture(folder.resolve("race" + suffix + ".png"), "Hello, everybody who waits");
      browser().screen(390, 844, 2, colours);
      takePicture(folder.resolve("race-phone" + suffix + ".png"), "Hello from a phone");
    }
    browser().screen(1440, 1000, 1, "light");
    assertThat(folder.resolve("race.png")).isNotEmptyFile();
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  private static void setBurst(int rate) {
    browser()
        .run(
            "const rate = document.querySelector('#rate'); rate.value = arguments[0];"
                + "rate.dispatchEvent(new Event('input')); rate.dispatchEvent(new Event('change'));",
            rate);
  }

  private static void takePicture(Path file, String text) throws IOException {
    browser().part("#text").sendKeys(text, Keys.ENTER);
    browser()
        .awaitTrue(
            "document.querySelector('#subject').textContent === 'your message ' + arguments[0]"
                + " && document.querySelectorAll('#places .due').length === 0",
            text);
    browser().run("document.activeElement.blur(); scrollTo(0, 0)");
    browser().picture(file);
  }

  // --- the server
  // ---------------------------------------------------------------------------------

  private void openRace(String engine) throws Exception {
    startServer(engine, 0);
    browser().complaints();
    browser().requests();
    browser().open(url + "/demo/race/");
    browser().awaitTrue("document.querySelectorAll('.lane[data-state=open]').length === 5");
    browser()
        .run(
            "window.heard = {};"
                + "document.addEventListener('race:heard', ({detail: {lane, message}}) =>"
                + "  (window.heard[lane] ??= []).push(message.data?.text ?? message.data));");
  }

  private void startServer(String engine, int wantedPort) {
    DemoServer started = DemoServer.start(engine, wantedPort, data, Clock.systemUTC());
    server = started;
    port = started.port();
    url = started.url();
  }

  private void stopServer() {
    if (server != null) {
      server.close();
    }
    server = null;
  }

  private void publish(String name, int count) throws Exception {
    String lines =
        IntStream.rangeClosed(1, count)
            .mapToObj(
                i -> "{\"topic\":\"demo/" + name + "\",\"data\":\"" + name + " " + i + "\"}\n")
            .collect(Collectors.joining());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/batch"))
            .POST(BodyPublishers.ofString(lines))
            .build();
    assertThat(http.send(request, BodyHandlers.ofString()).body().lines())
        .hasSize(count)
        .allMatch(line -> line.contains("\"id\""));
  }

  private String get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + path)).build();
    return http.send(request, BodyHandlers.ofString()).body();
  }

  private boolean isGrowing(String topic) throws Exception {
    String before = latest(topic);
    long until = System.nanoTime() + 500_000_000;
    await().atMost(5, SECONDS).until(() -> System.nanoTime() > until);
    return !latest(topic).equals(before);
  }

  private String latest(String topic) throws Exception {
    JsonNode state = Json.read(get("/v1/topics/" + topic + "?inspect"));
    return state.path("latest").asText();
  }

  /** Waits until so many polls, streams and sockets are held. A short poll is none. */
  private void awaitHeldConnections(int count) {
    await()
        .atMost(30, SECONDS)
        .untilAsserted(
            () ->
                assertThat(
                        get("/metrics")
                            .lines()
                            .filter(
                                line ->
                                    line.matches(
                                        "posthaste_connections\\{kind=\"(held|stream|websocket)\"} .*"))
                            .mapToDouble(line -> Double.parseDouble(line.replaceAll(".* ", "")))
                            .sum())
                    .isEqualTo(count));
  }

  // --- the page
  // -----------------------------------------------------------------------------------

  /** What a lane has heard, of messages that begin with a name. */
  private static List<String> heard(String lane, String name) {
    Object heard =
        browser()
            .run(
                "return (window.heard[arguments[0]] ?? []).filter(text => String(text).startsWith(arguments[1]))",
                lane,
                name + " ");
    return ((List<?>) heard).stream().map(String::valueOf).toList();
  }

  private static void awaitHeard(String name, int count) {
    List<String> all = IntStream.rangeClosed(1, count).mapToObj(i -> name + " " + i).toList();
    for (String lane : LANES) {
      await()
          .atMost(30, SECONDS)
          .untilAsserted(() -> assertThat(heard(lane, name)).as(lane).isEqualTo(all));
    }
  }

  private static long figure(String lane, String name) {
    String text = browser().part("[data-lane=" + lane + "] [data-figure=" + name + "]").getText();
    return Long.parseLong(text.replace(",", ""));
  }

  private void assertNobodyComplainsAndNothingElseIsAsked() {
    assertThat(browser().complaints()).isEmpty();
    assertThat(browser().requests())
        .isNotEmpty()
        .allMatch(
            asked ->
                asked.startsWith(url + "/")
                    || asked.startsWith(url.replace("http", "ws") + "/")
                    || asked.equals("about:blank"));
  }
}
