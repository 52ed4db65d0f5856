package io.posthaste.door.apollo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * A namespace that a client follows, and the number that it was last told of.
 *
 * @param namespace as the client spells it
 * @param id the highest number that it knows; -1 if it knows none
 */
record Notification(String namespace, long id) {
  /** The most namespaces of a poll. */
  static final int MAX = 2_000;

  /**
   * Reads the value of {@code notifications}.
   *
   * @throws MalformedException if it is no JSON array of them, or has none, or too many
   */
  static List<Notification> parse(String json) {
    JsonNode all;
    try {
      all = Answers.JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw malformed("not valid JSON");
    }
    if (!all.isArray() || all.isEmpty()) {
      throw malformed("no array, or an empty one");
    }
    if (all.size() > MAX) {
      throw malformed(all.size() + " namespaces, which is more than " + MAX);
    }
    List<Notification> read = new ArrayList<>(all.size());
    for (JsonNode one : all) {
      JsonNode name = one.path("namespaceName");
      JsonNode id = one.path("notificationId");
      if (!name.isTextual() || name.textValue().isBlank()) {
        throw malformed("an entry without a namespaceName");
      }
      if (!id.isMissingNode() && !id.isNull() && !id.canConvertToLong()) {
        throw malformed("an entry whose notificationId is no number");
      }
      read.add(new Notification(name.textValue().strip(), id.isNumber() ? id.longValue() : -1));
    }
    return read;
  }

  private static MalformedException malformed(String what) {
    return new MalformedException(
        "notifications: "
            + what
            + " (expected: [{\"namespaceName\":\"application\",\"notificationId\":-1},…])");
  }

  /** What a config is called in the details of an answer, and in the messages of a request. */
  static String detail(ConfigKey key, String namespace) {
    return key.group()
        + '+'
        + Clusters.cluster(key.namespace())
        + '+'
        + NamespaceName.of(namespace).shown();
  }
}
