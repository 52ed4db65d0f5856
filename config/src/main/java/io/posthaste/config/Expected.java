package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Id;

/** What a config must be for a change to be made: compare and set. */
public sealed interface Expected {
  /** Nothing is expected. */
  Expected ANYTHING = new Anything();

  /** There must be none. */
  Expected ABSENT = new Absent();

  /** Nothing is expected. */
  record Anything() implements Expected {}

  /** There must be none. */
  record Absent() implements Expected {}

  /**
   * The content must have this MD5.
   *
   * @param md5 of the content that is replaced
   */
  record Content(Md5 md5) implements Expected {
    public Content {
      requireNonNull(md5, "md5");
    }
  }

  /**
   * The latest version must be this one.
   *
   * @param id the version that is replaced
   */
  record Version(Id id) implements Expected {
    public Version {
      requireNonNull(id, "id");
    }
  }
}
