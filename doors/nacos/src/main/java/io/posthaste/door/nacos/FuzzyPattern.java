package io.posthaste.door.nacos;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;

/**
 * A pattern of names, {@code namespace>>group>>dataId}: in group and dataId a {@code *} at the
 * beginning, at the end, or at both, stands for any text.
 *
 * @param namespace as the client has spelt it
 * @param group what the group must be like
 * @param name what the dataId must be like
 */
record FuzzyPattern(String namespace, String group, String name) {
  private static final String BETWEEN = ">>";
  private static final int MAX_CHARS = 1_024;

  /**
   * @throws MalformedException if it is none
   */
  static FuzzyPattern parse(String text) {
    String[] parts = text.split(BETWEEN, -1);
    if (parts.length != 3
        || text.length() > MAX_CHARS
        || !isPattern(parts[1])
        || !isPattern(parts[2])) {
      throw new MalformedException(
          "groupKeyPattern: "
              + MalformedException.quote(text)
              + " (expected: namespace>>group>>dataId, with * at the ends of the last two)");
    }
    return new FuzzyPattern(parts[0], parts[1], parts[2]);
  }

  private static boolean isPattern(String part) {
    int last = part.length() - 1;
    for (int i = 1; i < last; i++) {
      if (part.charAt(i) == '*') {
        return false;
      }
    }
    return last >= 0;
  }

  boolean matches(ConfigKey key) {
    String space = namespace.isEmpty() ? ConfigKey.DEFAULT_NAMESPACE : namespace;
    return space.equals(key.namespace())
        && matches(group, key.group())
        && matches(name, key.name());
  }

  private static boolean matches(String pattern, String text) {
    if (pattern.equals("*")) {
      return true;
    }
    boolean anyBefore = pattern.startsWith("*");
    boolean anyBehind = pattern.endsWith("*");
    String part = pattern.substring(anyBefore ? 1 : 0, pattern.length() - (anyBehind ? 1 : 0));
    if (anyBefore) {
      return anyBehind ? text.contains(part) : text.endsWith(part);
    }
    return anyBehind ? text.startsWith(part) : text.equals(part);
  }

  /** A config's name in one text, as this client knows it. Legal names need no escapes in it. */
  String groupKey(ConfigKey key) {
    String space = namespace.isEmpty() ? ConfigKey.DEFAULT_NAMESPACE : namespace;
    return key.name() + '+' + key.group() + '+' + space;
  }

  /**
   * Reads such a text.
   *
   * @throws MalformedException if it is none
   */
  static ConfigKey key(String groupKey) {
    String[] parts = groupKey.split("\\+", -1);
    if (parts.length != 3) {
      throw new MalformedException(
          "group key: "
              + MalformedException.quote(groupKey)
              + " (expected: dataId+group+namespace)");
    }
    return new ConfigKey(parts[2], parts[1], parts[0]);
  }

  @Override
  public String toString() {
    return namespace + BETWEEN + group + BETWEEN + name;
  }
}
