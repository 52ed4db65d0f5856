package io.posthaste.app;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.PageLoadStrategy;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A Chromium without a window, and what tests want of it. */
final class Chromium implements AutoCloseable {
  private static final String BROWSER = "/usr/bin/chromium";
  private static final String DRIVER = "/usr/bin/chromedriver";

  private final ChromeDriver driver;

  /**
   * Starts one.
   *
   * @param profile an empty folder
   * @param more further options
   */
  Chromium(Path profile, String... more) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(BROWSER);
    // A forever frame never finishes loading, and nor does the page that holds it.
    options.setPageLoadStrategy(PageLoadStrategy.NONE);
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--window-size=1440,1000",
        "--user-data-dir=" + profile);
    options.addArguments(more);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(new File(DRIVER))
                .usingAnyFreePort()
                .build(),
            options);
  }

  /** Opens a page in the tab that is shown. */
  void open(String url) {
    driver.get(url);
  }

  /** Runs a script; {@code return} gives its value. */
  Object run(String script, Object... arguments) {
    return Objects.requireNonNullElse(driver.executeScript(script, arguments), "");
  }

  /** Waits until a script's expression is true. */
  void awaitTrue(String expression, Object... arguments) {
    await(expression)
        .atMost(30, SECONDS)
        .ignoreExceptions()
        .until(() -> Boolean.TRUE.equals(run("return " + expression, arguments)));
  }

  WebElement part(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  /** The texts of all that match. */
  List<String> texts(String selector) {
    return driver.findElements(By.cssSelector(selector)).stream().map(WebElement::getText).toList();
  }

  /** Shows another tab, so that the first is hidden; what is returned shows that one again. */
  Runnable hideBehindAnotherTab() {
    String hidden = driver.getWindowHandle();
    driver.switchTo().newWindow(WindowType.TAB);
    return () -> {
      driver.close();
      driver.switchTo().window(hidden);
      driver.executeCdpCommand("Page.bringToFront", Map.of());
    };
  }

  /** What the page complained of since the last call. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  /** The addresses that pages asked since the last call; not those of the browser's own pages. */
  List<String> requests() {
    return driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
        .map(LogEntry::getMessage)
        .map(Chromium::json)
        .map(event -> event.path("message"))
        .filter(
            event ->
                event.path("method").asText().equals("Network.requestWillBeSent")
                    || event.path("method").asText().equals("Network.webSocketCreated"))
        .map(event -> event.path("params"))
        .map(event -> event.path("request").path("url").asText(event.path("url").asText()))
        .filter(asked -> !asked.startsWith("chrome://"))
        .toList();
  }

  private static JsonNode json(String text) {
    try {
      return Json.read(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the screen so wide and high, in CSS pixels and its colours light or dark. */
  void screen(int width, int height, double scale, String colours) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width", width, "height", height, "deviceScaleFactor", scale, "mobile", width < 600));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
  }

  /** Takes a picture, without scroll bars and with nothing moving, of what the screen shows. */
  void picture(Path file) throws IOException {
    driver.executeCdpCommand("Emulation.setScrollbarsHidden", Map.of("hidden", true));
    awaitTrue("document.getAnimations().every(moving => moving.playState === 'finished')");
    Object data =
        driver.executeCdpCommand("Page.captureScreenshot", Map.of("format", "png")).get("data");
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.write(file, Base64.getDecoder().decode(String.valueOf(data)));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
