package io.posthaste.bench;

/**
 * Where a long poll's answer tells the reader's new place. The n-th source of an {@link Opening}
 * fills {@code {cursor0}}, {@code {cursor1}}… of its next request.
 */
public sealed interface CursorSource {

  /**
   * A value in the body.
   *
   * @param after the text that comes right before the value
   * @param until the character that ends it
   */
  record Body(String after, char until) implements CursorSource {}

  /**
   * The value of a response header.
   *
   * @param name in any case
   */
  record Header(String name) implements CursorSource {}
}
