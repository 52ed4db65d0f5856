package io.posthaste.app;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The chat room in real browsers: a browser is a person. */
final class ChatTest {
  private static final String TOPIC = "demo/chat/lobby";
  private static final List<String> TECHNIQUES =
      List.of("sse", "long-poll", "short-poll", "websocket");

  @TempDir private static Path profile;
  @TempDir private static Path profileOfAnother;
  private static @Nullable Chromium started;
  private static @Nullable Chromium another;

  @TempDir private Path data;
  private DemoServer server = DemoServer.start();

  @BeforeAll
  static void startBrowsers() {
    started = new Chromium(profile);
    another = new Chromium(profileOfAnother);
  }

  @AfterAll
  static void endBrowsers() {
    ada().close();
    ida().close();
  }

  private static Chromium ada() {
    return Objects.requireNonNull(started);
  }

  private static Chromium ida() {
    return Objects.requireNonNull(another);
  }

  @AfterEach
  void end() {
    ada().open("about:blank");
    ida().open("about:blank");
    server.close();
  }

  @Test
  void changingTheTechniqueWhilePeopleTalkLosesNothingAndRepeatsNothing() throws Exception {
    enter(ada());
    AtomicInteger said = new AtomicInteger();
    ScheduledExecutorService eve = Executors.newSingleThreadScheduledExecutor();
    eve.scheduleAtFixedRate(() -> sayNumbered(said.incrementAndGet()), 0, 40, MILLISECONDS);

    for (String technique : TECHNIQUES) {
      int before = ada().texts(".said").size();
      wait(ada(), technique);
      ada().awaitTrue("document.querySelectorAll('.said').length > arguments[0] + 5", before);
    }
    eve.shutdown();
    assertThat(eve.awaitTermination(10, SECONDS)).isTrue();

    List<String> all = IntStream.rangeClosed(1, said.get()).mapToObj(i -> "nr " + i).toList();
    ada().awaitTrue("document.querySelectorAll('.said').length === arguments[0]", all.size());
    assertThat(ada().texts(".said .text")).isEqualTo(all);
    assertThat(ada().part("#check").getText()).isEqualTo("none lost, none twice");
    for (String technique : TECHNIQUES) {
      assertThat(ada().part(".card[data-lane=" + technique + "] [data-figure=requests]").getText())
          .as(technique)
          .isNotEqualTo("0");
    }
    assertThat(ada().complaints()).isEmpty();
  }

  private void sayNumbered(int n) {
    String said =
        "{\"run\":\"r\",\"n\":%1$d,\"who\":{\"id\":\"x\",\"name\":\"Eve\"},\"text\":\"nr %1$d\"}";
    try {
      assertThat(server.post("/v1/topics/" + TOPIC, said.formatted(n)).statusCode()).isEqualTo(201);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void visitorsSeeEachOtherAndTabsOfOnePersonAreOne() {
    enter(ada());
    rename(ada(), "Ada / 1+1 = 100%");
    enter(ida());
    rename(ida(), "<i>Ida</i>");

    awaitPeople(ada(), "Ada / 1+1 = 100% (you)", "<i>Ida</i>");
    awaitPeople(ida(), "Ada / 1+1 = 100%", "<i>Ida</i> (you)");

    Runnable closeSecond = ida().hideBehindAnotherTab();
    enter(ida());
    ada().awaitTrue("document.querySelector('#people').textContent.includes('2 tabs')");
    awaitPeople(ada(), "Ada / 1+1 = 100% (you)", "<i>Ida</i>");
    closeSecond.run();
    ada().awaitTrue("!document.querySelector('#people').textContent.includes('2 tabs')");
    ida().open("about:blank");
    awaitPeople(ada(), "Ada / 1+1 = 100% (you)");
    assertThat(ada().complaints()).isEmpty();
  }

  @Test
  void whoEntersReadsWhatWasSaidAndTextStaysText() {
    enter(ada());
    say(ada(), "<img src=x onerror=alert(1)> & 你好");
    enter(ida());

    awaitSaid(ida(), "<img src=x onerror=alert(1)> & 你好");
    wait(ida(), "long-poll");
    say(ida(), "hello");
    awaitSaid(ada(), "<img src=x onerror=alert(1)> & 你好", "hello");
    assertThat(ada().run("return document.querySelectorAll('.log img, .log script').length"))
        .isEqualTo(0L);
    assertThat(ida().complaints()).isEmpty();
  }

  @Test
  void whatWasMissedIsSaidAndPeopleAreFoundAgain() {
    enter(ada());
    say(ada(), "before");
    awaitSaid(ada(), "before");
    int port = server.port();

    server.close(); // and with it all that it kept
    ada().awaitTrue("document.querySelector('#server').textContent === 'Server away'");
    server = DemoServer.start("memory", port, data, Clock.systemUTC());

    ada().awaitTrue("document.querySelector('.note.gap') !== null");
    say(ada(), "after");
    awaitSaid(ada(), "before", "after");
    ada().awaitTrue("document.querySelectorAll('#people li').length === 1");
    ada().complaints(); // that there was no server
  }

  @Test
  void saysNoMoreThanFiveThingsAtOnce() {
    enter(ada());
    ada()
        .run(
            "for (let i = 1; i <= 6; i++) {"
                + "document.querySelector('#text').value = 'nr ' + i;"
                + "document.querySelector('#say').requestSubmit() }");
    ada().awaitTrue("document.querySelectorAll('.said').length === 5");
    ada().awaitTrue("document.querySelector('#notice').textContent.startsWith('Not so fast')");
  }

  private void enter(Chromium browser) {
    browser.open(server.url() + "/demo/chat/");
    browser.awaitTrue("document.querySelector('#line').dataset.state === 'there'");
    browser.awaitTrue("document.querySelector('.server').dataset.state === 'up'");
  }

  private static void wait(Chromium browser, String technique) {
    browser.run("document.querySelector('[value=' + arguments[0] + ']').click()", technique);
    browser.awaitTrue(
        "document.querySelector('.card[data-lane=' + arguments[0] + '] .now').textContent === 'in use'",
        technique);
  }

  private static void rename(Chromium browser, String name) {
    browser.run(
        "const name = document.querySelector('#name'); name.value = arguments[0];"
            + "name.dispatchEvent(new Event('change'))",
        name);
  }

  private static void say(Chromium browser, String text) {
    browser.part("#text").sendKeys(text, Keys.ENTER);
  }

  private static void awaitSaid(Chromium browser, String... texts) {
    browser.awaitTrue(
        "JSON.stringify([...document.querySelectorAll('.said .text')].map(each => each.textContent))"
            + " === JSON.stringify(arguments[0])",
        List.of(texts));
  }

  private static void awaitPeople(Chromium browser, String... names) {
    browser.awaitTrue(
        "JSON.stringify([...document.querySelectorAll('#people .name')].map(each => each.textContent).sort())"
            + " === JSON.stringify(arguments[0].slice().sort())",
        List.of(names));
  }
}
