package io.posthaste.core;

import static java.util.Objects.requireNonNull;

/**
 * The name under which messages are published: 1 to 1,024 bytes of UTF-8 in segments split by
 * {@code /}. Segments may be empty, as in MQTT; control characters, {@code #} and {@code +} are not
 * allowed. A leading {@code $} marks the server's own topics.
 *
 * @param name the topic as text
 */
public record Topic(String name) implements Comparable<Topic> {
  /** The longest legal topic, in bytes of UTF-8. */
  public static final int MAX_BYTES = 1024;

  /**
   * @throws MalformedException if the name breaks a rule above
   */
  public Topic {
    requireNonNull(name, "name");
    TopicText.check("topic", name, false);
  }

  /**
   * Whether the topic is the server's own: such topics are matched only by patterns that begin with
   * {@code $}.
   */
  public boolean isReserved() {
    return name.charAt(0) == '$';
  }

  /** Orders by UTF-16 code unit, as {@link String} does. */
  @Override
  public int compareTo(Topic other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
