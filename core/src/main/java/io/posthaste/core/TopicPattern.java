package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A filter over topics: a topic in which a segment may be {@code +} (any one segment) or the last
 * one {@code #} (any rest, none included, so {@code a/#} matches {@code a}). A pattern without
 * wildcards matches exactly the topic of that name. Topics that begin with {@code $} are matched
 * only by patterns that begin with {@code $} (MQTT 5, 4.7.2).
 *
 * @param text the pattern in its canonical spelling
 */
public record TopicPattern(String text) implements Comparable<TopicPattern> {
  /** Every topic that is not the server's own. */
  public static final TopicPattern ALL = new TopicPattern("#");

  /**
   * @throws MalformedException if the text is not a pattern
   */
  public TopicPattern {
    requireNonNull(text, "text");
    TopicText.check("pattern", text, true);
    checkWildcards(text);
  }

  /** The pattern that matches this topic only. */
  public static TopicPattern of(Topic topic) {
    return new TopicPattern(topic.name());
  }

  /**
   * Reads a pattern as it is spelt in URLs, where a {@code +} is a space: {@code *} and {@code **}
   * as whole segments mean {@code +} and {@code #}.
   *
   * @throws MalformedException if the text is not a pattern
   */
  public static TopicPattern ofUrl(String text) {
    if (text.indexOf('*') < 0) {
      return new TopicPattern(text);
    }
    String[] segments = text.split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      if (segments[i].equals("*")) {
        segments[i] = "+";
      } else if (segments[i].equals("**")) {
        segments[i] = "#";
      }
    }
    return new TopicPattern(String.join("/", segments));
  }

  private static void checkWildcards(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '+' && c != '#') {
        continue;
      }
      boolean begins = i == 0 || text.charAt(i - 1) == '/';
      boolean ends = i == text.length() - 1 || text.charAt(i + 1) == '/';
      if (!begins || !ends) {
        throw TopicText.refuse("pattern", text, "has a '" + c + "' that is not a whole segment");
      }
      if (c == '#' && i != text.length() - 1) {
        throw TopicText.refuse("pattern", text, "has a '#' that is not the last segment");
      }
    }
  }

  /** Whether this is a plain topic, without wildcards. */
  public boolean isTopic() {
    return text.indexOf('+') < 0 && text.indexOf('#') < 0;
  }

  /**
   * The topic that this pattern is.
   *
   * @throws MalformedException if it has wildcards
   */
  public Topic topic() {
    return new Topic(text);
  }

  /**
   * What every matching topic begins with: the text before the first wildcard, without a last
   * {@code /} that {@code #} makes optional.
   */
  public String prefix() {
    int wildcard = 0;
    while (wildcard < text.length()
        && text.charAt(wildcard) != '+'
        && text.charAt(wildcard) != '#') {
      wildcard++;
    }
    boolean optionalSlash =
        wildcard > 0 && wildcard < text.length() && text.charAt(wildcard) == '#';
    return text.substring(0, optionalSlash ? wildcard - 1 : wildcard);
  }

  /** Whether the topic passes the filter. Costs one walk over both texts and no garbage. */
  public boolean matches(Topic topic) {
    return matches(topic.name());
  }

  /** Whether some topic could match both. */
  public boolean overlaps(TopicPattern other) {
    if (text.charAt(0) == '$' != (other.text.charAt(0) == '$')) {
      return false;
    }
    String[] ours = text.split("/", -1);
    String[] theirs = other.text.split("/", -1);
    for (int i = 0; ; i++) {
      if (i < ours.length && ours[i].equals("#") || i < theirs.length && theirs[i].equals("#")) {
        return true;
      }
      if (i >= ours.length || i >= theirs.length) {
        return ours.length == theirs.length;
      }
      boolean wild = ours[i].equals("+") || theirs[i].equals("+");
      if (!wild && !ours[i].equals(theirs[i])) {
        return false;
      }
    }
  }

  /** Whether every topic that matches the other matches this too. */
  public boolean covers(TopicPattern other) {
    if (text.charAt(0) == '$' != (other.text.charAt(0) == '$')) {
      return false;
    }
    String[] ours = text.split("/", -1);
    String[] theirs = other.text.split("/", -1);
    for (int i = 0; ; i++) {
      if (i < ours.length && ours[i].equals("#")) {
        return true;
      }
      if (i >= ours.length || i >= theirs.length) {
        return ours.length == theirs.length;
      }
      boolean wild = ours[i].equals("+") && !theirs[i].equals("#");
      if (!wild && !ours[i].equals(theirs[i])) {
        return false;
      }
    }
  }

  /** Whether any of the patterns matches. */
  public static boolean anyMatches(List<TopicPattern> patterns, Topic topic) {
    for (TopicPattern pattern : patterns) {
      if (pattern.matches(topic)) {
        return true;
      }
    }
    return false;
  }

  private boolean matches(String name) {
    if (name.charAt(0) == '$' && text.charAt(0) != '$') {
      return false;
    }
    int p = 0;
    int n = 0;
    while (p < text.length()) {
      char c = text.charAt(p);
      if (c == '#') {
        return true;
      }
      if (c == '+') {
        while (n < name.length() && name.charAt(n) != '/') {
          n++;
        }
        p++;
      } else if (n < name.length() && name.charAt(n) == c) {
        p++;
        n++;
      } else {
        // The end of the name may stand where "/#" is left: that '#' matches no segment.
        return n == name.length()
            && c == '/'
            && p + 2 == text.length()
            && text.charAt(p + 1) == '#';
      }
    }
    return n == name.length();
  }

  @Override
  public int compareTo(TopicPattern other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
