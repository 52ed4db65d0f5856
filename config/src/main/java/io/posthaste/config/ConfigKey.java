package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import java.util.Comparator;
import java.util.Optional;

/**
 * The name of a config. It is the topic {@code config/{namespace}/{group}/{name}}; case matters.
 *
 * @param namespace 1 to 128 characters; an empty one is taken for {@link #DEFAULT_NAMESPACE}
 * @param group 1 to 128 characters
 * @param name 1 to 255 characters; all three of letters, digits and {@code _ - . :}
 */
public record ConfigKey(String namespace, String group, String name)
    implements Comparable<ConfigKey> {
  /** The namespace of those who name none. */
  public static final String DEFAULT_NAMESPACE = "public";

  /** What the topics of all configs begin with. */
  public static final String PREFIX = "config/";

  private static final int MAX_NAMESPACE_CHARS = 128;
  private static final int MAX_GROUP_CHARS = 128;
  private static final int MAX_NAME_CHARS = 255;
  private static final Comparator<ConfigKey> ORDER =
      Comparator.comparing(ConfigKey::namespace)
          .thenComparing(ConfigKey::group)
          .thenComparing(ConfigKey::name);

  /**
   * @throws MalformedException if a part is empty, too long or has other characters
   */
  public ConfigKey {
    namespace = requireNonNull(namespace, "namespace").isEmpty() ? DEFAULT_NAMESPACE : namespace;
    check("namespace", namespace, MAX_NAMESPACE_CHARS);
    check("group", group, MAX_GROUP_CHARS);
    check("name", name, MAX_NAME_CHARS);
  }

  static void check(String what, String text, int maxChars) {
    if (text.length() > maxChars || !isLegal(text)) {
      throw new MalformedException(
          what
              + ": "
              + MalformedException.quote(text)
              + " (expected: 1 to "
              + maxChars
              + " letters, digits and _ - . :)");
    }
  }

  private static boolean isLegal(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isLetterOrDigit(c) && c != '_' && c != '-' && c != '.' && c != ':') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** The config that a topic is; empty if it is none. */
  static Optional<ConfigKey> of(Topic topic) {
    String text = topic.name();
    return text.startsWith(PREFIX) ? of(text.substring(PREFIX.length())) : Optional.empty();
  }

  /** The config of that {@code namespace/group/name}; empty if it can be none. */
  static Optional<ConfigKey> of(String path) {
    String[] parts = path.split("/", -1);
    if (parts.length != 3 || parts[0].isEmpty()) {
      return Optional.empty(); // without a namespace one config had two topics
    }
    try {
      return Optional.of(new ConfigKey(parts[0], parts[1], parts[2]));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /**
   * The topic that this config is.
   *
   * @throws MalformedException if it is longer than a topic may be, as names of three-byte
   *     characters can be together
   */
  public Topic topic() {
    return new Topic(PREFIX + namespace + '/' + group + '/' + name);
  }

  @Override
  public int compareTo(ConfigKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return namespace + '/' + group + '/' + name;
  }
}
