package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.MalformedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The text of a properties file, of which single keys can be changed and everything else stays as
 * it is: comments, order, blank lines, the way a line is written. Keys and values are those that
 * {@link java.util.Properties} reads, but that a broken {@code \}{@code uXXXX} stands for itself
 * instead of being an error. Immutable.
 *
 * <p>The comment of a key is the lines of comments right above it.
 */
public final class PropertiesText {
  /** The most lines; what has more is published whole, not key by key. */
  public static final int MAX_LINES = 100_000;

  private final List<PropertiesLine> lines;

  private PropertiesText(List<PropertiesLine> lines) {
    this.lines = lines;
  }

  /**
   * A key, as it stands.
   *
   * @param key without escapes
   * @param value without escapes
   * @param comment without its marks, lines split by {@code \n}; empty if there is none
   */
  public record Item(String key, String value, String comment) {
    public Item {
      requireNonNull(key, "key");
      requireNonNull(value, "value");
      requireNonNull(comment, "comment");
    }
  }

  /**
   * Reads a text.
   *
   * @throws MalformedException if it has more than {@link #MAX_LINES}
   */
  public static PropertiesText parse(String text) {
    List<PropertiesLine> lines = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      if (lines.size() == MAX_LINES) {
        throw new MalformedException(
            "properties: too many lines (expected: at most " + MAX_LINES + ")");
      }
      PropertiesLine line = PropertiesLine.read(text, at);
      lines.add(line);
      at += line.raw().length();
    }
    return new PropertiesText(List.copyOf(lines));
  }

  /** The whole text; of one that was not changed, what was read. */
  public String text() {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line.raw()));
    return text.toString();
  }

  /** The values by their keys, in the order of the text; where a key is there twice, its last. */
  public Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    for (PropertiesLine line : lines) {
      String key = line.key();
      if (key != null) {
        values.remove(key);
        values.put(key, line.value());
      }
    }
    return values;
  }

  /** The keys with all that is said of them, in the order of {@link #values}. */
  public List<Item> items() {
    Map<String, Item> items = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String key = lines.get(i).key();
      if (key != null) {
        items.remove(key);
        items.put(key, item(i));
      }
    }
    return List.copyOf(items.values());
  }

  /** A key; empty if it is not there. */
  public Optional<Item> item(String key) {
    int at = find(key);
    return at < 0 ? Optional.empty() : Optional.of(item(at));
  }

  private Item item(int at) {
    PropertiesLine line = lines.get(at);
    StringBuilder comment = new StringBuilder();
    for (int i = firstOfComment(at); i < at; i++) {
      comment.append(comment.isEmpty() ? "" : "\n").append(lines.get(i).comment());
    }
    return new Item(requireNonNull(line.key()), line.value(), comment.toString());
  }

  private int find(String key) {
    int found = -1;
    for (int i = 0; i < lines.size(); i++) {
      if (key.equals(lines.get(i).key())) {
        found = i;
      }
    }
    return found;
  }

  private int firstOfComment(int at) {
    int first = at;
    while (first > 0 && lines.get(first - 1).isComment()) {
      first--;
    }
    return first;
  }

  /**
   * The same with a value, which takes the place of the key's last one; a new key goes to the end.
   *
   * @param comment takes the place of the key's comment, and takes it away if it is empty; null
   *     leaves it
   */
  public PropertiesText with(String key, String value, @Nullable String comment) {
    List<PropertiesLine> changed = new ArrayList<>(lines);
    String lineEnd = lineEnd();
    int at = find(key);
    if (at < 0) {
      endLast(changed, lineEnd);
      if (!changed.isEmpty() && changed.get(changed.size() - 1).isComment()) {
        changed.add(changed.get(changed.size() - 1).blankBehind());
      }
      at = changed.size();
      changed.add(PropertiesLine.entry(key, value, lineEnd));
      if (comment != null) {
        changed.addAll(at, PropertiesLine.comments(comment, lineEnd));
      }
    } else {
      changed.set(at, changed.get(at).withValue(value));
      if (comment != null && !comment.equals(item(at).comment())) {
        List<PropertiesLine> old = changed.subList(firstOfComment(at), at);
        old.clear();
        old.addAll(PropertiesLine.comments(comment, lineEnd));
      }
    }
    return new PropertiesText(List.copyOf(changed));
  }

  /**
   * The same without a key and its comment; but a comment with which the text begins stays, as it
   * may be about all of it.
   */
  public PropertiesText without(String key) {
    List<PropertiesLine> left = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      PropertiesLine line = lines.get(i);
      if (!key.equals(line.key())) {
        left.add(line);
        continue;
      }
      int first = firstOfComment(i);
      if (first > 0) {
        left.subList(left.size() - (i - first), left.size()).clear();
      } else if (i > 0) {
        left.add(lines.get(i - 1).blankBehind()); // else the next key had two comments
      }
    }
    if (!left.isEmpty() && left.size() < lines.size()) {
      int last = left.size() - 1;
      left.set(last, left.get(last).withoutContinuation());
    }
    return new PropertiesText(List.copyOf(left));
  }

  private static void endLast(List<PropertiesLine> lines, String lineEnd) {
    if (!lines.isEmpty()) {
      int last = lines.size() - 1;
      lines.set(last, lines.get(last).withoutContinuation().ended(lineEnd));
    }
  }

  /** How the first line ends. */
  private String lineEnd() {
    return lines.isEmpty() || lines.get(0).end().isEmpty() ? "\n" : lines.get(0).end();
  }
}
