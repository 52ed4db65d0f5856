package io.posthaste.access;

import io.posthaste.core.MalformedException;
import java.util.Locale;

/** What a grant lets one do with the topics of its pattern. */
public enum Right {
  /** Subscribe, poll, look at, list. */
  READ,
  /** Publish and delete; of {@code $presence/…} topics, be present. */
  PUBLISH,
  /** All of that; with {@code #}, also say who may what, and see who is connected. */
  ADMINISTER;

  /** The right as it is spelt in JSON, in refusals and on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a right as {@link #word} spells it.
   *
   * @throws MalformedException if it is none
   */
  public static Right of(String word) {
    for (Right right : values()) {
      if (right.word().equals(word)) {
        return right;
      }
    }
    throw new MalformedException(
        "right: " + MalformedException.quote(word) + " (expected: read, publish or administer)");
  }
}
