package io.posthaste.access;

/** By whose key something was signed, as whoever shows it says. */
public sealed interface Signer {
  /**
   * By the key of that name, as Nacos' clients name one.
   *
   * @param key what it is called by in lists
   */
  record ByKey(String key) implements Signer {}

  /**
   * By any signing key of somebody, as Apollo's clients name only the application.
   *
   * @param owner the id of whom the key acts for
   */
  record ByAnyKeyOf(String owner) implements Signer {}
}
