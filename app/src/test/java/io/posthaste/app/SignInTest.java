package io.posthaste.app;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sign-in by phone at a real server: races, replays, guesses, and what comes too late. */
final class SignInTest {
  /** What a state may become, and nothing else. */
  private static final Map<String, Set<String>> FORWARD =
      Map.of(
          "new", Set.of("scanned", "expired"),
          "scanned", Set.of("confirmed", "refused", "expired"),
          "confirmed", Set.of("used", "expired"),
          "used", Set.of(),
          "refused", Set.of(),
          "expired", Set.of());

  private static final String NOBODYS = "AAAAAAAAAAAAAAAAAAAAAA";

  private final SettableClock clock = new SettableClock();
  private final DemoServer server = DemoServer.start("memory", 0, Path.of("unused"), clock);
  private final ExecutorService threads = Executors.newFixedThreadPool(16);

  @AfterEach
  void end() {
    threads.shutdownNow();
    server.close();
  }

  /** What a desktop was given. */
  private record Desktop(String code, String secret, String topic) {}

  private Desktop make() throws Exception {
    HttpResponse<String> made =
        server.post(
            "/demo/sign-in/tickets", "{\"page\":\"" + server.url() + "/demo/sign-in/phone/\"}");
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    JsonNode told = Json.read(made.body());
    assertThat(told.path("link").asText())
        .isEqualTo(server.url() + "/demo/sign-in/phone/#" + told.path("code").asText());
    return new Desktop(
        told.path("code").asText(), told.path("secret").asText(), told.path("topic").asText());
  }

  private HttpResponse<String> scan(String code) throws IOException, InterruptedException {
    return ask("scan", Map.of("code", code));
  }

  private String scanned(Desktop desktop) throws Exception {
    HttpResponse<String> answer = scan(desktop.code);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.read(answer.body()).path("secret").asText();
  }

  private HttpResponse<String> answer(Desktop desktop, String phone, String as)
      throws IOException, InterruptedException {
    return ask("answer", Map.of("code", desktop.code, "secret", phone, "as", as));
  }

  private HttpResponse<String> use(String code, String secret)
      throws IOException, InterruptedException {
    return ask("use", Map.of("code", code, "secret", secret));
  }

  private HttpResponse<String> ask(String step, Map<String, String> fields)
      throws IOException, InterruptedException {
    ObjectNode json = Json.object();
    fields.forEach(json::put);
    return server.post("/demo/sign-in/" + step, Json.write(json));
  }

  private List<String> states(Desktop desktop) throws Exception {
    return server.messages(desktop.topic).stream()
        .map(message -> message.path("data").path("state").asText())
        .toList();
  }

  private static String state(HttpResponse<String> answer) throws IOException {
    return Json.read(answer.body()).path("state").asText();
  }

  /** Does all of it at once. */
  private <T> List<T> atOnce(List<Callable<T>> tasks) throws Exception {
    List<T> results = new ArrayList<>();
    for (Future<T> result : threads.invokeAll(tasks, 30, SECONDS)) {
      results.add(result.get());
    }
    return results;
  }

  @Test
  void signsTheDesktopInOnce() throws Exception {
    Desktop desktop = make();
    String phone = scanned(desktop);

    assertThat(state(answer(desktop, phone, " Ada "))).isEqualTo("confirmed");
    HttpResponse<String> used = use(desktop.code, desktop.secret);

    assertThat(used.body()).isEqualTo("{\"state\":\"used\",\"as\":\"Ada\"}");
    assertThat(states(desktop)).containsExactly("new", "scanned", "confirmed", "used");
    assertThat(use(desktop.code, desktop.secret).statusCode()).isEqualTo(404);
    assertThat(states(desktop)).hasSize(4);
  }

  @Test
  void refusedSignsNobodyIn() throws Exception {
    Desktop desktop = make();
    String phone = scanned(desktop);

    assertThat(state(answer(desktop, phone, ""))).isEqualTo("refused");

    assertThat(state(answer(desktop, phone, "Ada"))).isEqualTo("refused");
    assertThat(use(desktop.code, desktop.secret).statusCode()).isEqualTo(404);
    assertThat(states(desktop)).containsExactly("new", "scanned", "refused");
  }

  @Test
  void ofPhonesThatScanAtOnceOneHasIt() throws Exception {
    Desktop desktop = make();

    List<HttpResponse<String>> answers = new ArrayList<>();
    List<Callable<HttpResponse<String>>> phones = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      phones.add(() -> scan(desktop.code));
    }
    answers.addAll(atOnce(phones));

    assertThat(answers).filteredOn(answer -> answer.statusCode() == 200).hasSize(1);
    assertThat(answers).filteredOn(answer -> answer.statusCode() == 404).hasSize(15);
    assertThat(states(desktop)).containsExactly("new", "scanned");
  }

  @Test
  void yesAndNoAtOnceAreDecidedOnce() throws Exception {
    Desktop desktop = make();
    String phone = scanned(desktop);

    List<Callable<String>> answers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String as = i % 2 == 0 ? "Ada" : "";
      answers.add(() -> state(answer(desktop, phone, as)));
    }

    assertThat(Set.copyOf(atOnce(answers))).hasSize(1);
    assertThat(states(desktop)).hasSize(3);
  }

  @Test
  void whoComesForItAtOnceGetsItOnce() throws Exception {
    Desktop desktop = make();
    answer(desktop, scanned(desktop), "Ada");

    List<Callable<Integer>> desktops = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      desktops.add(() -> use(desktop.code, desktop.secret).statusCode());
    }

    assertThat(atOnce(desktops)).filteredOn(status -> status == 200).hasSize(1);
    assertThat(states(desktop)).containsExactly("new", "scanned", "confirmed", "used");
  }

  @Test
  void whateverIsWrongIsAnsweredAlike() throws Exception {
    Desktop desktop = make();
    List<HttpResponse<String>> refusals = new ArrayList<>();
    refusals.add(scan(NOBODYS));
    refusals.add(scan(desktop.secret)); // which is no code
    refusals.add(answer(desktop, NOBODYS, "Eve")); // before anybody scanned
    refusals.add(use(desktop.code, desktop.secret)); // before anybody confirmed
    String phone = scanned(desktop);
    refusals.add(scan(desktop.code));
    refusals.add(answer(desktop, NOBODYS, "Eve"));
    refusals.add(answer(desktop, desktop.secret, "Eve"));
    refusals.add(answer(desktop, desktop.code, "Eve"));
    answer(desktop, phone, "Ada");
    refusals.add(use(desktop.code, NOBODYS));
    refusals.add(use(desktop.code, desktop.code));
    refusals.add(use(desktop.code, phone));
    use(desktop.code, desktop.secret);
    refusals.add(scan(desktop.code));
    refusals.add(use(desktop.code, desktop.secret));
    Desktop late = make();
    clock.advance(Duration.ofMinutes(3));
    refusals.add(scan(late.code));

    assertThat(refusals).allMatch(refusal -> refusal.statusCode() == 404);
    assertThat(refusals.stream().map(HttpResponse::body).collect(Collectors.toSet())).hasSize(1);
    assertThat(states(desktop)).containsExactly("new", "scanned", "confirmed", "used");
  }

  @Test
  void guessesAreLimited() throws Exception {
    Desktop desktop = make();
    for (int i = 0; i < 20; i++) {
      assertThat(scan(NOBODYS).statusCode()).isEqualTo(404);
    }

    HttpResponse<String> refused = scan(NOBODYS);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).contains("3");
    assertThat(scan(desktop.code).statusCode()).as("or a guess could be told").isEqualTo(429);

    clock.advance(Duration.ofSeconds(3));
    assertThat(scan(desktop.code).statusCode()).isEqualTo(200);
  }

  @Test
  void guessesThatComeAtOnceAreLimitedToo() throws Exception {
    List<Callable<Integer>> guesses = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      guesses.add(() -> scan(NOBODYS).statusCode());
    }

    assertThat(atOnce(guesses)).filteredOn(status -> status == 404).hasSize(20);
  }

  @Test
  void ticketsAreLimited() throws Exception {
    String page = "{\"page\":\"" + server.url() + "/demo/sign-in/phone/\"}";
    for (int i = 0; i < 60; i++) {
      assertThat(server.post("/demo/sign-in/tickets", page).statusCode()).isEqualTo(201);
    }

    assertThat(server.post("/demo/sign-in/tickets", page).statusCode()).isEqualTo(429);
    clock.advance(Duration.ofSeconds(1));
    assertThat(server.post("/demo/sign-in/tickets", page).statusCode()).isEqualTo(201);
  }

  @Test
  void expiresByItselfAndThatIsSaid() throws Exception {
    Desktop fresh = make();
    Desktop asked = make();
    String phone = scanned(asked);

    clock.advance(Duration.ofSeconds(119));
    assertThat(states(fresh)).containsExactly("new");
    clock.advance(Duration.ofSeconds(1));

    await().atMost(20, SECONDS).until(() -> states(fresh).equals(List.of("new", "expired")));
    await()
        .atMost(20, SECONDS)
        .until(() -> states(asked).equals(List.of("new", "scanned", "expired")));
    assertThat(scan(fresh.code).statusCode()).isEqualTo(404);
    assertThat(state(answer(asked, phone, "Ada"))).isEqualTo("expired");
  }

  @Test
  void confirmedAtTheLastMomentCanBeUsedButNotForLong() throws Exception {
    Desktop quick = make();
    Desktop slow = make();
    String quickPhone = scanned(quick);
    String slowPhone = scanned(slow);
    clock.advance(Duration.ofSeconds(119));
    answer(quick, quickPhone, "Ada");
    answer(slow, slowPhone, "Ida");

    clock.advance(Duration.ofSeconds(29));
    assertThat(use(quick.code, quick.secret).statusCode()).isEqualTo(200);
    clock.advance(Duration.ofSeconds(1));

    assertThat(use(slow.code, slow.secret).statusCode()).isEqualTo(404);
    await()
        .atMost(20, SECONDS)
        .until(() -> states(slow).equals(List.of("new", "scanned", "confirmed", "expired")));
    assertThat(states(quick)).endsWith("used");
  }

  @Test
  void statesOnlyMoveForwardWhateverHappensAtOnce() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 8; round++) {
      Desktop desktop = make();
      String phone = scanned(desktop);
      List<Callable<Integer>> storm = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        int what = random.nextInt(4);
        storm.add(
            () ->
                switch (what) {
                  case 0 -> answer(desktop, phone, "Ada").statusCode();
                  case 1 -> answer(desktop, phone, "").statusCode();
                  case 2 -> use(desktop.code, desktop.secret).statusCode();
                  default -> {
                    clock.advance(Duration.ofSeconds(25));
                    yield 0;
                  }
                });
      }
      atOnce(storm);

      List<String> states = states(desktop);
      assertThat(states).startsWith("new", "scanned");
      for (int i = 1; i < states.size(); i++) {
        assertThat(FORWARD.get(states.get(i - 1))).as("%s", states).contains(states.get(i));
      }
      clock.advance(Duration.ofMinutes(1)); // and guesses are allowed again
    }
  }

  @Test
  void nothingSecretCanBeReadAndNobodyElseWrites() throws Exception {
    Desktop desktop = make();
    String phone = scanned(desktop);
    answer(desktop, phone, "Ada");

    String all = server.get("/v1/updates?after=0&topic=%24demo/**").body();
    assertThat(all).contains(desktop.topic).contains("confirmed");
    assertThat(all).doesNotContain(desktop.code, desktop.secret, phone);
    String topic = "/v1/topics/" + desktop.topic.replace("$", "%24");
    assertThat(server.post(topic, "{\"state\":\"confirmed\"}").statusCode()).isEqualTo(403);
    assertThat(List.of(desktop.code.length(), desktop.secret.length(), phone.length()))
        .as("128 bits in base64")
        .containsOnly(22);
  }

  @Test
  void pictureIsOnlyOfThisPage() throws Exception {
    for (String page :
        List.of("", "javascript:alert(1)", "http://a/", "http://a b/demo/sign-in/phone/")) {
      HttpResponse<String> refused =
          server.post("/demo/sign-in/tickets", Json.write(Json.object().put("page", page)));

      assertThat(refused.statusCode()).as(page).isEqualTo(400);
    }
  }

  @Test
  void anyBytesAreRefusedWithoutHarm() throws Exception {
    Random random = new Random(11);
    String legal = "{\"code\":\"" + NOBODYS + "\",\"secret\":\"" + NOBODYS + "\",\"as\":\"Ada\"}";
    for (int i = 0; i < 400; i++) {
      String body = mutated(legal, random);
      String step = List.of("tickets", "scan", "answer", "use").get(random.nextInt(4));

      int status = server.post("/demo/sign-in/" + step, body).statusCode();

      assertThat(status).as(body).isIn(400, 404, 413);
      clock.advance(Duration.ofSeconds(3));
    }
    assertThat(server.post("/demo/sign-in/scan", "x".repeat(2_000)).statusCode()).isEqualTo(413);
    signsTheDesktopInOnce();
  }

  private static String mutated(String text, Random random) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(6); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(32, 127);
    }
    int length = random.nextInt(3) == 0 ? random.nextInt(bytes.length) : bytes.length;
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
