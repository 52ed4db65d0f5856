package io.posthaste.access;

/** What became of a wish to change who may what. */
public sealed interface Change {
  /** It is done, and known on this node. */
  record Done() implements Change {}

  /**
   * An account was made.
   *
   * @param isAdministrator whether it is the first, and so may everything
   */
  record AccountMade(boolean isAdministrator) implements Change {}

  /**
   * A key was made.
   *
   * @param key what it is called by
   * @param text what its holder shows, or signs with: to be told once, as nobody can ask for it
   *     again
   */
  record KeyMade(String key, String text) implements Change {
    @Override
    public String toString() {
      return "KeyMade[" + key + "]";
    }
  }

  /** There is one of that name already; nothing was changed. */
  record Exists(String detail) implements Change {}

  /** There is none of that name; nothing was changed. */
  record Unknown(String detail) implements Change {}

  /** Nobody would be left who may say who may what; nothing was changed. */
  record LastAdministrator(String detail) implements Change {}

  /** Whoever is made known first becomes an administrator, which that one should not be. */
  record NoAdministratorYet(String detail) implements Change {}

  /** It cannot be done now; a retry may succeed. */
  record Unavailable(String detail) implements Change {}
}
