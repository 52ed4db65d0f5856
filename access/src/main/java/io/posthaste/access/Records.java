package io.posthaste.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What stands in the payloads of the messages by which access is kept, as JSON. */
final class Records {
  static final String TYPE = "application/json";

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(16).build())
                  .build())
          .build();

  private Records() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static Payload payload(JsonNode node) {
    return Payload.of(node.toString());
  }

  /**
   * A message's payload as a JSON object.
   *
   * @throws MalformedException if it is none
   */
  static JsonNode object(Message message) {
    try {
      JsonNode node = JSON.readTree(message.payload().toByteArray());
      if (node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw broken(message);
    } catch (java.io.IOException e) {
      throw new IllegalStateException("memory cannot fail", e);
    }
    throw broken(message);
  }

  private static MalformedException broken(Message message) {
    return new MalformedException(message.topic() + ": no JSON object (expected: one)");
  }

  static Payload write(Account account) {
    ObjectNode node = object();
    node.put("kind", account.identity().kind().word());
    if (account.passwordHash() != null) {
      node.put("password", account.passwordHash());
    }
    return payload(node.put("created", account.createdMillis()));
  }

  static Account account(String id, Message message) {
    JsonNode node = object(message);
    Identity.Kind kind = Identity.Kind.ofAccount(node.path("kind").asText());
    return new Account(
        new Identity(kind, Identity.checkId(id)),
        text(node.path("password")),
        node.path("created").asLong(),
        message.sequence());
  }

  private static @Nullable String text(JsonNode node) {
    return node.isTextual() ? node.asText() : null;
  }

  static Payload write(ApiKey key) {
    ObjectNode node = object();
    node.put("owner", key.owner()).put("ownerSince", key.ownerSince()).put("name", key.name());
    if (key.signingSecret() == null) {
      node.put("digest", key.digest());
    } else {
      node.put("signs", key.signingSecret());
    }
    node.put("created", key.createdMillis());
    if (key.expiresMillis() != Session.NEVER) {
      node.put("expires", key.expiresMillis());
    }
    return payload(node);
  }

  static ApiKey key(String key, Message message) {
    JsonNode node = object(message);
    return new ApiKey(
        key,
        Identity.checkId(node.path("owner").asText()),
        node.path("ownerSince").asLong(),
        node.path("name").asText(),
        text(node.path("digest")),
        text(node.path("signs")),
        node.path("created").asLong(),
        node.path("expires").asLong(Session.NEVER));
  }

  static Payload write(List<Grant> grants) {
    ObjectNode node = object();
    node.set("grants", array(grants));
    return payload(node);
  }

  static ArrayNode array(List<Grant> grants) {
    ArrayNode list = JSON.createArrayNode();
    for (Grant grant : grants) {
      list.addObject().put("right", grant.right().word()).put("pattern", grant.pattern().text());
    }
    return list;
  }

  static List<Grant> grants(JsonNode node) {
    List<Grant> grants = new ArrayList<>();
    for (JsonNode each : node.path("grants")) {
      grants.add(
          new Grant(
              Right.of(each.path("right").asText()),
              new TopicPattern(each.path("pattern").asText())));
    }
    return List.copyOf(grants);
  }

  static Payload writeAdministrators(Set<String> ids) {
    ObjectNode node = object();
    ArrayNode list = node.putArray("ids");
    new TreeSet<>(ids).forEach(list::add);
    return payload(node);
  }

  static Set<String> administrators(Message message) {
    Set<String> ids = new TreeSet<>();
    for (JsonNode id : object(message).path("ids")) {
      ids.add(id.asText());
    }
    return Set.copyOf(ids);
  }
}
