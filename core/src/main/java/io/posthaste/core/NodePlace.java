package io.posthaste.core;

import org.jspecify.annotations.Nullable;

/**
 * A place among what several nodes have, in the order of their names and of their own numbers: for
 * pages of what is asked of all of them.
 *
 * @param node the name of a node
 * @param number of one of what it has
 */
public record NodePlace(String node, long number) {
  private static final int LONGEST_NODE = 64;

  /**
   * Reads a place as {@link #toString} writes it.
   *
   * @throws MalformedException if it is none
   */
  public static NodePlace parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || colon > LONGEST_NODE || !text.substring(colon + 1).matches("\\d{1,18}")) {
      throw new MalformedException(
          "after: "
              + MalformedException.quote(text)
              + " (expected: the next of a page before, as in NODE:12)");
    }
    return new NodePlace(text.substring(0, colon), Long.parseLong(text.substring(colon + 1)));
  }

  /**
   * Of a node's numbers those above this are behind a place.
   *
   * @param place null for the beginning of all
   */
  public static long above(@Nullable NodePlace place, String ofNode) {
    if (place == null || place.node.compareTo(ofNode) < 0) {
      return 0;
    }
    return place.node.equals(ofNode) ? place.number : Long.MAX_VALUE;
  }

  @Override
  public String toString() {
    return node + ":" + number;
  }
}
