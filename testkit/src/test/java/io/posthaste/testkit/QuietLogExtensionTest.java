package io.posthaste.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

final class QuietLogExtensionTest {
  private static final LogRecord FULL = new LogRecord(Level.WARNING, "the disk is full");
  private static final LogRecord FAILED = new LogRecord(Level.SEVERE, "writing failed");

  @Test
  void nothingLoggedIsFine() {
    assertThatCode(() -> QuietLogExtension.check(List.of(), "")).doesNotThrowAnyException();
  }

  @Test
  void anUnexpectedWarningFails() {
    assertThatThrownBy(() -> QuietLogExtension.check(List.of(FULL), ""))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the disk is full");
  }

  @Test
  void anExpectedWarningMayComeTwice() {
    assertThatCode(() -> QuietLogExtension.check(List.of(FULL, FULL), "disk is full"))
        .doesNotThrowAnyException();
  }

  @Test
  void anotherWarningFailsBesideAnExpectedOne() {
    assertThatThrownBy(() -> QuietLogExtension.check(List.of(FULL, FAILED), "disk is full"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("writing failed");
  }

  @Test
  void anExpectedWarningThatDoesNotComeFails() {
    assertThatThrownBy(() -> QuietLogExtension.check(List.of(), "disk is full"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("disk is full");
  }

  @Test
  @ExtendWith(QuietLogExtension.class)
  @ExpectWarning("said by a test")
  void hearsWhatOurLoggersSay() {
    Logger.getLogger("io.posthaste.testkit.somebody").warning("said by a test");
  }
}
