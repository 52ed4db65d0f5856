package io.posthaste.app;

import java.util.Optional;

/**
 * What the doctor saw.
 *
 * @param what in a line
 * @param advice what to change; empty if nothing
 */
record Finding(String what, Optional<String> advice) {
  static Finding good(String what) {
    return new Finding(what, Optional.empty());
  }

  static Finding change(String what, String advice) {
    return new Finding(what, Optional.of(advice));
  }

  boolean isGood() {
    return advice.isEmpty();
  }
}
