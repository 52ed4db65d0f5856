package io.posthaste.core;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by pattern, found by topic: a tree with a level a segment, so that finding those that
 * match costs about the length of the topic and not the number of patterns. Not thread-safe.
 *
 * @param <V> what stands at a pattern
 */
public final class PatternTree<V> {
  private static final class Node<V> {
    final Map<String, Node<V>> children = new HashMap<>();
    @Nullable V value;

    boolean isEmpty() {
      return value == null && children.isEmpty();
    }
  }

  private final Node<V> root = new Node<>();

  /** An empty tree. */
  public PatternTree() {}

  /** Puts a value at a pattern, in the place of another. */
  public void put(TopicPattern pattern, V value) {
    Node<V> node = root;
    for (String segment : pattern.text().split("/", -1)) {
      node = node.children.computeIfAbsent(segment, s -> new Node<>());
    }
    node.value = value;
  }

  /** Takes away what stands at a pattern, if anything. */
  public void remove(TopicPattern pattern) {
    remove(root, pattern.text().split("/", -1), 0);
  }

  private static <V> void remove(Node<V> node, String[] segments, int depth) {
    if (depth == segments.length) {
      node.value = null;
      return;
    }
    Node<V> child = node.children.get(segments[depth]);
    if (child != null) {
      remove(child, segments, depth + 1);
      if (child.isEmpty()) {
        node.children.remove(segments[depth]);
      }
    }
  }

  /** Whether there is no value at all. */
  public boolean isEmpty() {
    return root.isEmpty();
  }

  /** Calls for the value of each pattern that matches, in no order, each once. */
  public void forEachMatch(Topic topic, Consumer<V> found) {
    match(root, topic.name(), 0, topic.isReserved(), found);
  }

  /** {@code from} is where the next segment begins; beyond the end of the name there is none. */
  private static <V> void match(
      Node<V> node, String name, int from, boolean reserved, Consumer<V> found) {
    boolean wildcardsAllowed = from > 0 || !reserved;
    if (wildcardsAllowed) {
      Node<V> rest = node.children.get("#");
      V value = rest == null ? null : rest.value;
      if (value != null) {
        found.accept(value);
      }
    }
    if (from > name.length()) {
      V value = node.value;
      if (value != null) {
        found.accept(value);
      }
      return;
    }
    int slash = name.indexOf('/', from);
    int end = slash < 0 ? name.length() : slash;
    Node<V> same = node.children.get(name.substring(from, end));
    if (same != null) {
      match(same, name, end + 1, reserved, found);
    }
    Node<V> any = wildcardsAllowed ? node.children.get("+") : null;
    if (any != null) {
      match(any, name, end + 1, reserved, found);
    }
  }
}
