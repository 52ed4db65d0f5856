package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;

/**
 * A config as it stood after a change.
 *
 * @param key which config
 * @param id the version
 * @param timeMillis when it was published, in milliseconds since 1970; for people, not an order
 * @param content its text in UTF-8, empty if it was deleted
 * @param md5 of the content
 * @param attributes what is said of it
 * @param deleted whether the change was the config's deletion
 */
public record ConfigVersion(
    ConfigKey key,
    Id id,
    long timeMillis,
    Payload content,
    Md5 md5,
    ConfigAttributes attributes,
    boolean deleted) {
  public ConfigVersion {
    requireNonNull(key, "key");
    requireNonNull(id, "id");
    requireNonNull(content, "content");
    requireNonNull(md5, "md5");
    requireNonNull(attributes, "attributes");
  }

  static ConfigVersion of(ConfigKey key, String epoch, Message message) {
    // Not the header: another publisher may have written that.
    return of(key, epoch, message, Md5.of(message.payload()));
  }

  /** The same where the content's MD5 is known. */
  static ConfigVersion of(ConfigKey key, String epoch, Message message, Md5 md5) {
    return new ConfigVersion(
        key,
        Id.of(epoch, message),
        message.timeMillis(),
        message.payload(),
        md5,
        ConfigAttributes.of(message.headers()),
        message.deleted());
  }

  ConfigVersion withoutContent() {
    return new ConfigVersion(key, id, timeMillis, Payload.EMPTY, md5, attributes, deleted);
  }
}
