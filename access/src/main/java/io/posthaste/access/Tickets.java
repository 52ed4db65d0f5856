package io.posthaste.access;

/** Tickets. */
final class Tickets {
  static final String ROOT = "$tickets";

  private Tickets() {}
}
