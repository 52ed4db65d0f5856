package io.posthaste.config;

import io.posthaste.core.Append;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is said of a namespace: a message without a payload in a topic of its own, {@code
 * $config/namespaces/NAME}, all of it in its headers.
 *
 * @param id where it stands in the log
 */
record NamespaceRecord(
    String name,
    String title,
    String description,
    NamespaceQuota quota,
    Id id,
    long timeMillis,
    String author,
    String comment) {
  static final String PREFIX = "$config/namespaces/";

  private static final String QUOTA_CONFIGS = "quota-configs";
  private static final String QUOTA_BYTES = "quota-bytes";
  private static final String QUOTA_BYTES_OF_ONE = "quota-bytes-of-one";

  static Topic topic(String name) {
    return new Topic(PREFIX + name);
  }

  /** The name of the namespace that a topic is about; empty if it is about none. */
  static Optional<String> nameOf(Topic topic) {
    String text = topic.name();
    return text.startsWith(PREFIX)
        ? Optional.of(text.substring(PREFIX.length()))
        : Optional.empty();
  }

  /** What a message says; empty if it is a deletion. */
  static Optional<NamespaceRecord> of(String name, String epoch, Message message) {
    if (message.deleted()) {
      return Optional.empty();
    }
    Map<String, String> headers = message.headers();
    return Optional.of(
        new NamespaceRecord(
            name,
            headers.getOrDefault("title", ""),
            headers.getOrDefault("description", ""),
            new NamespaceQuota(
                limit(headers, QUOTA_CONFIGS),
                limit(headers, QUOTA_BYTES),
                limit(headers, QUOTA_BYTES_OF_ONE)),
            Id.of(epoch, message),
            message.timeMillis(),
            headers.getOrDefault("author", ""),
            headers.getOrDefault("comment", "")));
  }

  private static long limit(Map<String, String> headers, String name) {
    try {
      return Math.max(0, Long.parseLong(headers.getOrDefault(name, "")));
    } catch (NumberFormatException e) {
      return NamespaceQuota.UNLIMITED;
    }
  }

  /** A message that says this. */
  static Append append(
      String name,
      String title,
      String description,
      NamespaceQuota quota,
      ConfigAttributes who,
      Condition condition) {
    Map<String, String> headers = new LinkedHashMap<>();
    put(headers, "title", title);
    put(headers, "description", description);
    put(headers, QUOTA_CONFIGS, quota.configs());
    put(headers, QUOTA_BYTES, quota.bytes());
    put(headers, QUOTA_BYTES_OF_ONE, quota.bytesOfOne());
    putWho(headers, who);
    return new Append(topic(name), "", headers, Payload.EMPTY, false, condition, null);
  }

  /** A message that says that there is nothing to be said any more. */
  static Append tombstone(String name, ConfigAttributes who) {
    Map<String, String> headers = new LinkedHashMap<>();
    putWho(headers, who);
    return Append.tombstone(topic(name)).withHeaders(headers);
  }

  private static void putWho(Map<String, String> headers, ConfigAttributes who) {
    put(headers, "author", who.author());
    put(headers, "address", who.address());
    put(headers, "comment", who.comment());
  }

  private static void put(Map<String, String> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.put(name, value);
    }
  }

  private static void put(Map<String, String> headers, String name, long limit) {
    if (limit != NamespaceQuota.UNLIMITED) {
      headers.put(name, Long.toString(limit));
    }
  }
}
