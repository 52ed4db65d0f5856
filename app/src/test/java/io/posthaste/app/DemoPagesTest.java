package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The front, the sign-in and the shop in a real browser. */
final class DemoPagesTest {
  private static final String STATE = "document.querySelector('#ticket').dataset.state";
  private static final String ASKED = "document.querySelector('#ask').dataset.state";

  @TempDir private static Path profile;
  private static @Nullable Chromium started;

  @TempDir private Path directory;
  private final SettableClock clock = new SettableClock();
  private final DemoServer server = DemoServer.start("memory", 0, Path.of("unused"), clock);

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
    server.close();
  }

  private void open(String page) {
    browser().complaints();
    browser().requests();
    browser().open(server.url() + "/demo/" + page);
    browser().awaitTrue("document.querySelector('.server').dataset.state === 'up'");
  }

  @Test
  void frontLeadsToEachPage() {
    open("");

    List<?> pages =
        (List<?>)
            browser().run("return [...document.querySelectorAll('.doors a')].map(a => a.href)");
    assertThat(pages).hasSize(4);
    for (Object page : pages) {
      browser().open(String.valueOf(page));
      browser()
          .awaitTrue(
              "location.href === arguments[0]"
                  + " && document.querySelector('.server').dataset.state === 'up'"
                  + " && document.querySelector('nav [aria-current]').href === arguments[0]",
              page);
    }
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void pictureLeadsThePhoneToThePageAndBothKnowAtOnce() throws Exception {
    open("sign-in/");
    browser().awaitTrue(STATE + " === 'new'");
    browser().screen(1000, 800, 2, "dark"); // it must be dark on light in the dark too
    browser().run("document.querySelector('#picture').scrollIntoView()");
    Path picture = directory.resolve("qr.png");
    browser().picture(picture);
    String link = decoded(picture);
    assertThat(link)
        .startsWith(server.url() + "/demo/sign-in/phone/#")
        .hasSize(22 + link.indexOf('#') + 1);

    Runnable toDesktop = browser().hideBehindAnotherTab();
    browser().open(link);
    browser().awaitTrue(ASKED + " === 'scanned'");
    browser().run("const n = document.querySelector('#name'); n.value = '<b>Ada</b>'");
    browser().run("document.querySelector('#form').requestSubmit()");
    browser().awaitTrue("['confirmed', 'used'].includes(" + ASKED + ")");
    toDesktop.run();

    browser().awaitTrue(STATE + " === 'used'");
    assertThat(browser().part("#said").getText()).isEqualTo("Signed in as <b>Ada</b>.");
    assertThat(browser().texts("#steps b"))
        .containsExactly("new", "scanned", "confirmed", "signed in");
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  private static String decoded(Path picture) throws Exception {
    BufferedImage image = ImageIO.read(picture.toFile());
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    RGBLuminanceSource light = new RGBLuminanceSource(width, height, pixels);
    return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(light))).getText();
  }

  @Test
  void secondPhoneIsToldNothingAndARefusalIsShown() {
    open("sign-in/");
    browser().awaitTrue(STATE + " === 'new'");
    String link = String.valueOf(browser().run("return document.querySelector('#open').href"));

    Runnable toDesktop = browser().hideBehindAnotherTab();
    browser().open(link);
    browser().awaitTrue(ASKED + " === 'scanned'");
    Runnable toFirst = browser().hideBehindAnotherTab();
    browser().open(link);
    browser().awaitTrue(ASKED + " === 'none'");
    toFirst.run();
    browser().run("location.reload()");
    browser().awaitTrue(ASKED + " === 'scanned'");
    browser().part("#no").click();
    browser().awaitTrue(ASKED + " === 'refused'");
    toDesktop.run();

    browser().awaitTrue(STATE + " === 'refused'");
    browser().part("#again").click();
    browser().awaitTrue(STATE + " === 'new'");
    assertThat(browser().run("return document.querySelector('#open').href")).isNotEqualTo(link);
    browser().complaints(); // of the second phone's 404
  }

  @Test
  void tooLateIsShown() {
    open("sign-in/");
    browser().awaitTrue(STATE + " === 'new'");

    clock.advance(Duration.ofMinutes(2));

    browser().awaitTrue(STATE + " === 'expired'");
    assertThat(browser().part("#said").getText()).startsWith("Too late");
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void paymentsAreToldByLongPollAndNewsByEvents() {
    open("shop/");
    browser().part("[data-item=stamps] button").click();
    browser().part("[data-item=horn] button").click();
    browser().part("#text").sendKeys("<b>big</b> news", Keys.ENTER);

    browser().awaitTrue("document.querySelector('#orders [data-state=paid]') !== null");
    browser().awaitTrue("document.querySelector('#orders [data-state=declined]') !== null");
    browser()
        .awaitTrue(
            "[...document.querySelectorAll('#news .mine span')].some(row => row.textContent === '<b>big</b> news')");
    browser().awaitTrue("document.querySelectorAll('#news li').length >= 3");
    browser()
        .awaitTrue(
            "document.querySelector('.card[data-lane=sse] [data-figure=held]').textContent === '1'");
    assertThat(browser().part(".card[data-lane=sse] [data-figure=requests]").getText())
        .isEqualTo("1");
    assertNobodyComplainsAndNothingElseIsAsked();
  }

  @Test
  void fitPhonesWithoutScrollingSideways() {
    browser().screen(375, 800, 1, "light");
    for (String page : List.of("", "chat/", "sign-in/", "shop/")) {
      open(page);

      assertThat(browser().run("return document.documentElement.scrollWidth"))
          .as(page)
          .isEqualTo(375L);
      browser()
          .run(
              "document.querySelector('.server').dataset.state = 'away';"
                  + "document.getElementById('server').textContent = 'Server away, trying again'");
      assertThat(browser().run("return document.documentElement.scrollWidth"))
          .as("%s without its server", page)
          .isEqualTo(375L);
    }
    browser().screen(1440, 1000, 1, "light");
  }

  /** With {@code -Ddemo.pictures=DIR} the pictures of the documentation are made there. */
  @Test
  @EnabledIfSystemProperty(
      named = "demo.pictures",
      matches = ".+",
      disabledReason = "makes pictures of the documentation: -Ddemo.pictures=DIR")
  void picturesAreTaken() throws Exception {
    Path folder = Path.of(System.getProperty("demo.pictures", "target/demo"));
    open("chat/");
    browser().awaitTrue("document.querySelector('#line').dataset.state === 'there'");
    browser()
        .run(
            "const name = document.querySelector('#name'); name.value = 'Ada';"
                + "name.dispatchEvent(new Event('change'))");
    say("Mr. Watson, come here", "Ida", "e1da000000000001");
    say("On my way, by the next pigeon", "Watson", "a5c0000000000002");
    browser().awaitTrue("document.querySelectorAll('.said').length === 2");
    for (String technique : List.of("short-poll", "long-poll", "sse", "websocket")) {
      browser().run("document.querySelector('[value=' + arguments[0] + ']').click()", technique);
      browser()
          .awaitTrue(
              "document.querySelector('.card[data-lane=' + arguments[0] + '] .now').textContent === 'in use'",
              technique);
      int before = browser().texts(".said").size();
      browser().part("#text").sendKeys("Heard over " + technique, Keys.ENTER);
      browser().awaitTrue("document.querySelectorAll('.said').length === arguments[0]", before + 1);
    }
    shoot(folder, "chat", 1040);

    open("sign-in/");
    browser().awaitTrue(STATE + " === 'new'");
    shoot(folder, "sign-in", 760);

    open("shop/");
    for (String item : List.of("postcard", "horn", "stamps")) {
      browser().part("[data-item=" + item + "] button").click();
    }
    browser().awaitTrue("document.querySelectorAll('#orders [data-state=paid]').length === 2");
    browser().part("[data-item=postcard] button").click();
    shoot(folder, "shop", 1000);
    assertThat(folder.resolve("shop.png")).isNotEmptyFile();
  }

  private void say(String text, String name, String id) throws Exception {
    String said = "{\"who\":{\"id\":\"%s\",\"name\":\"%s\"},\"text\":\"%s\"}";
    assertThat(
            server.post("/v1/topics/demo/chat/lobby", said.formatted(id, name, text)).statusCode())
        .isEqualTo(201);
  }

  private static void shoot(Path folder, String name, int height) throws Exception {
    browser().run("document.activeElement.blur(); scrollTo(0, 0)");
    for (String colours : List.of("light", "dark")) {
      String suffix = colours.equals("light") ? "" : "-dark";
      browser().screen(1440, height, 1, colours);
      browser().picture(folder.resolve(name + suffix + ".png"));
    }
    browser().screen(375, 812, 2, "light");
    browser().picture(folder.resolve(name + "-phone.png"));
    browser().screen(1440, 1000, 1, "light");
  }

  private void assertNobodyComplainsAndNothingElseIsAsked() {
    assertThat(browser().complaints()).isEmpty();
    assertThat(browser().requests())
        .isNotEmpty()
        .allMatch(
            asked ->
                asked.startsWith(server.url() + "/")
                    || asked.startsWith(server.url().replace("http", "ws") + "/")
                    || asked.equals("about:blank"));
  }
}
