package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import java.util.Optional;

/**
 * The name of a gray version. It is the topic {@code
 * config-gray/{namespace}/{group}/{name}/{gray}}, which no reader of {@code config/#} takes for a
 * config.
 *
 * @param config of which config
 * @param gray its own name, 1 to 64 letters, digits and {@code _ - . :}
 */
public record GrayKey(ConfigKey config, String gray) {
  /** What the topics of all gray versions begin with. */
  public static final String PREFIX = "config-gray/";

  private static final int MAX_CHARS = 64;

  /**
   * @throws MalformedException if the name is empty, too long or has other characters
   */
  public GrayKey {
    requireNonNull(config, "config");
    ConfigKey.check("gray", gray, MAX_CHARS);
  }

  /** The gray version that a topic is; empty if it is none. */
  static Optional<GrayKey> of(Topic topic) {
    String text = topic.name();
    int last = text.lastIndexOf('/');
    if (!text.startsWith(PREFIX) || last < PREFIX.length()) {
      return Optional.empty();
    }
    try {
      String gray = text.substring(last + 1);
      return ConfigKey.of(text.substring(PREFIX.length(), last))
          .map(config -> new GrayKey(config, gray));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /**
   * The topic that it is.
   *
   * @throws MalformedException if it is longer than a topic may be
   */
  public Topic topic() {
    return new Topic(PREFIX + config + '/' + gray);
  }

  @Override
  public String toString() {
    return config + "/" + gray;
  }
}
