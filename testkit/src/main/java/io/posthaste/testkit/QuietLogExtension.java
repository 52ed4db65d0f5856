package io.posthaste.testkit;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that makes us warn, or log an error, without saying so by {@link ExpectWarning}. A
 * module registers it for all of its tests by a service file and {@code
 * junit.jupiter.extensions.autodetection.enabled}, and has its loggers write to {@code
 * java.util.logging}. For tests that run one after another, and close what they open before they
 * end.
 */
public final class QuietLogExtension implements BeforeEachCallback, AfterEachCallback {
  private static final Logger OURS = Logger.getLogger("io.posthaste"); // held, or it were collected
  private static final Queue<LogRecord> HEARD = new ConcurrentLinkedQueue<>();

  static {
    OURS.addHandler(
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            if (logged.getLevel().intValue() >= Level.WARNING.intValue()) {
              HEARD.add(logged);
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    HEARD.clear();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    List<LogRecord> heard = List.copyOf(HEARD);
    HEARD.clear();
    ExpectWarning expected = context.getRequiredTestMethod().getAnnotation(ExpectWarning.class);
    if (expected == null) {
      check(heard, "");
    } else {
      List<String> tolerated = List.of(expected.tolerated());
      check(heard.stream().filter(one -> !says(one, tolerated)).toList(), expected.value());
    }
  }

  private static boolean says(LogRecord logged, List<String> any) {
    String line = new SimpleFormatter().format(logged);
    return any.stream().anyMatch(line::contains);
  }

  /**
   * @param expected part of a warning that must be among these, while nothing else may; empty for
   *     none
   */
  static void check(List<LogRecord> heard, String expected) {
    SimpleFormatter format = new SimpleFormatter();
    boolean found = expected.isEmpty();
    for (LogRecord logged : heard) {
      String line = format.format(logged);
      if (expected.isEmpty() || !line.contains(expected)) {
        throw new AssertionError("an unexpected warning was logged: " + line);
      }
      found = true;
    }
    if (!found) {
      throw new AssertionError("no warning was logged (expected: " + expected + ")");
    }
  }
}
