package io.posthaste.core;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Feeds by pattern, found by topic: a tree with a level a segment, so that finding those that match
 * costs about the length of the topic and not the number of patterns. Not thread-safe.
 */
final class PatternTree {
  private static final class Node {
    final Map<String, Node> children = new HashMap<>();
    @Nullable Feed feed;

    boolean isEmpty() {
      return feed == null && children.isEmpty();
    }
  }

  private final Node root = new Node();

  void put(TopicPattern pattern, Feed feed) {
    Node node = root;
    for (String segment : pattern.text().split("/", -1)) {
      node = node.children.computeIfAbsent(segment, s -> new Node());
    }
    node.feed = feed;
  }

  void remove(TopicPattern pattern) {
    remove(root, pattern.text().split("/", -1), 0);
  }

  private static void remove(Node node, String[] segments, int depth) {
    if (depth == segments.length) {
      node.feed = null;
      return;
    }
    Node child = node.children.get(segments[depth]);
    if (child != null) {
      remove(child, segments, depth + 1);
      if (child.isEmpty()) {
        node.children.remove(segments[depth]);
      }
    }
  }

  boolean isEmpty() {
    return root.isEmpty();
  }

  /** Calls for the feed of each pattern that matches, in no order, each once. */
  void forEachMatch(Topic topic, Consumer<Feed> found) {
    match(root, topic.name(), 0, topic.isReserved(), found);
  }

  /** {@code from} is where the next segment begins; beyond the end of the name there is none. */
  private static void match(
      Node node, String name, int from, boolean reserved, Consumer<Feed> found) {
    boolean wildcardsAllowed = from > 0 || !reserved;
    if (wildcardsAllowed) {
      Node rest = node.children.get("#");
      if (rest != null && rest.feed != null) {
        found.accept(rest.feed);
      }
    }
    if (from > name.length()) {
      if (node.feed != null) {
        found.accept(node.feed);
      }
      return;
    }
    int slash = name.indexOf('/', from);
    int end = slash < 0 ? name.length() : slash;
    Node same = node.children.get(name.substring(from, end));
    if (same != null) {
      match(same, name, end + 1, reserved, found);
    }
    Node any = wildcardsAllowed ? node.children.get("+") : null;
    if (any != null) {
      match(any, name, end + 1, reserved, found);
    }
  }
}
