package io.posthaste.access;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;

/**
 * Lets somebody do something with the topics of a pattern, in which a segment <code>{id}</code>
 * stands for his own id.
 *
 * @param right what
 * @param pattern which topics
 */
public record Grant(Right right, TopicPattern pattern) {
  /** Makes an administrator. */
  static final Grant ADMINISTRATOR = new Grant(Right.ADMINISTER, TopicPattern.ALL);

  private static final String OWN_ID = "{id}";

  public Grant {
    requireNonNull(right, "right");
    requireNonNull(pattern, "pattern");
    if (isSecret(pattern)) {
      throw new MalformedException(
          "pattern: \"" + pattern + "\" is read by nobody (expected: other topics)");
    }
  }

  /** Whether topics that match hold what proves who somebody is: no door gives those to anybody. */
  static boolean isSecret(TopicPattern topics) {
    if (topics.text().charAt(0) != '$') {
      return false;
    }
    String first = topics.text().split("/", 2)[0];
    return first.equals(Directory.ROOT) || first.equals(Tickets.ROOT);
  }

  /** Whether a topic is one of those; see {@link #isSecret(TopicPattern)}. */
  static boolean isSecret(Topic topic) {
    return topic.isReserved() && isSecret(TopicPattern.of(topic));
  }

  /** The same with somebody's own id in the place of its placeholder. */
  Grant of(String id) {
    if (!pattern.text().contains(OWN_ID)) {
      return this;
    }
    String[] segments = pattern.text().split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      if (segments[i].equals(OWN_ID)) {
        segments[i] = id;
      }
    }
    return new Grant(right, new TopicPattern(String.join("/", segments)));
  }

  @Override
  public String toString() {
    return right.word() + " " + pattern;
  }
}
