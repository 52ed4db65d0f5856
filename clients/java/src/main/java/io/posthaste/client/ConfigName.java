package io.posthaste.client;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * The name of a config: {@code namespace/group/name}. Case matters. It is the topic {@code
 * config/namespace/group/name}. Immutable.
 */
public final class ConfigName {
  /** The namespace of those who name none. */
  public static final String DEFAULT_NAMESPACE = "public";

  /** The group of those who name none. */
  public static final String DEFAULT_GROUP = "DEFAULT_GROUP";

  private static final int MAX_NAMESPACE_CHARS = 128;
  private static final int MAX_GROUP_CHARS = 128;
  private static final int MAX_NAME_CHARS = 255;

  private final String namespace;
  private final String group;
  private final String name;

  private ConfigName(String namespace, String group, String name) {
    this.namespace = check("namespace", namespace, MAX_NAMESPACE_CHARS);
    this.group = check("group", group, MAX_GROUP_CHARS);
    this.name = check("name", name, MAX_NAME_CHARS);
  }

  private static String check(String what, String text, int maxChars) {
    boolean good = !requireNonNull(text, what).isEmpty() && text.length() <= maxChars;
    for (int i = 0; good && i < text.length(); i++) {
      char c = text.charAt(i);
      good = Character.isLetterOrDigit(c) || "_-.:".indexOf(c) >= 0;
    }
    if (!good) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s (expected: 1 to %d letters, digits and _ - . :)", what, text, maxChars));
    }
    return text;
  }

  /** A config of the group {@link #DEFAULT_GROUP} and the namespace {@link #DEFAULT_NAMESPACE}. */
  public static ConfigName of(String name) {
    return of(DEFAULT_GROUP, name);
  }

  /** A config of the namespace {@link #DEFAULT_NAMESPACE}. */
  public static ConfigName of(String group, String name) {
    return of(DEFAULT_NAMESPACE, group, name);
  }

  /**
   * A config.
   *
   * @param namespace 1 to 128 letters, digits and {@code _ - . :}
   * @param group as much
   * @param name up to 255 of these
   * @throws IllegalArgumentException if one of them is none
   */
  public static ConfigName of(String namespace, String group, String name) {
    return new ConfigName(namespace, group, name);
  }

  /** The config that a topic is; null if it is none. */
  static @Nullable ConfigName ofTopic(String topic) {
    String[] parts = topic.split("/", -1);
    if (parts.length != 4 || !parts[0].equals("config")) {
      return null;
    }
    try {
      return of(parts[1], parts[2], parts[3]);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The namespace. */
  public String namespace() {
    return namespace;
  }

  /** The group. */
  public String group() {
    return group;
  }

  /** The name within namespace and group. */
  public String name() {
    return name;
  }

  /** The topic that this config is. */
  public String topic() {
    return "config/" + this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConfigName && toString().equals(other.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return namespace + '/' + group + '/' + name;
  }
}
