package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Payload;

/**
 * A gray version and its content.
 *
 * @param version what is known of it
 * @param content its text in UTF-8
 */
public record GrayContent(GrayVersion version, Payload content) {
  public GrayContent {
    requireNonNull(version, "version");
    requireNonNull(content, "content");
  }

  /** As an instance that sees it is given it. */
  public Shown shown() {
    return new Shown(
        new ConfigVersion(
            version.key().config(),
            version.id(),
            version.timeMillis(),
            content,
            version.md5(),
            version.attributes(),
            false),
        version.key().gray());
  }
}
