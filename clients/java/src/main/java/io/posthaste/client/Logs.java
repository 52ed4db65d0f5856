package io.posthaste.client;

/** The client's logger: the platform's, so that it comes out wherever the application's does. */
final class Logs {
  static final System.Logger LOGGER = System.getLogger("io.posthaste.client");

  private Logs() {}
}
