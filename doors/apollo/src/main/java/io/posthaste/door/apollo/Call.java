package io.posthaste.door.apollo;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call of the open API: what it asks, and who asks it. */
final class Call {
  private static final int MAX_NAME_CHARS = 128;

  final Exchange exchange;
  final Session session;
  final Asked asked;

  /** Where it came from. */
  final String address;

  private final Map<String, String> path;
  private @Nullable JsonNode body;

  /**
   * @param path the parts of the path that stand for something, by what they stand for
   */
  Call(Exchange exchange, Session session, Map<String, String> path) {
    this.exchange = exchange;
    this.session = session;
    this.asked = new Asked(exchange);
    this.address = exchange.client().getHostAddress();
    this.path = Map.copyOf(path);
  }

  /** Whether the path names the item in base64. */
  boolean isEncoded() {
    return path.containsKey("encoded");
  }

  /** A part of the path; something else if it has none. */
  String path(String name, String otherwise) {
    return path.getOrDefault(name, otherwise);
  }

  /** A part of the path. */
  String path(String name) {
    return requireNonNull(path.get(name), name);
  }

  /**
   * The body, read as JSON.
   *
   * @throws MalformedException if it is not
   */
  JsonNode body() {
    JsonNode read = body;
    if (read == null) {
      try {
        read = Answers.JSON.readTree(ByteBufUtil.getBytes(exchange.request().body()));
      } catch (IOException e) {
        throw new MalformedException("body: not valid JSON (expected: an object)");
      }
      body = read == null ? MissingNode.getInstance() : read;
    }
    return requireNonNull(body);
  }

  /** A text of the body; empty if it has none. */
  String text(String field) {
    JsonNode value = body().path(field);
    return value.isValueNode() && !value.isNull() ? value.asText() : "";
  }

  /**
   * A text of the body that must be there.
   *
   * @throws MalformedException if it is not, or is empty
   */
  String required(String field) {
    String value = text(field);
    if (value.isBlank()) {
      throw new MalformedException(field + ": missing (expected: it in the body)");
    }
    return value;
  }

  /** The namespace that the path names. */
  NamespaceName namespace() {
    return NamespaceName.of(path("namespace"));
  }

  /** The config that the path names, as it is spelt there. */
  ConfigKey key() {
    return Asked.key(path("app"), path("cluster"), namespace());
  }

  /** Who does it, as he has proved; as he says where nobody needs to. */
  String author(String said) {
    String name = session.author(said.strip());
    if (name.length() > MAX_NAME_CHARS) {
      throw new MalformedException(
          "user: " + name.length() + " characters (expected: at most " + MAX_NAME_CHARS + ")");
    }
    return name;
  }

  /** Whether who asks may read a config; answers if not. */
  boolean mayRead(ConfigKey key) {
    boolean may = session.mayRead(key.topic());
    if (!may) {
      Answers.forbid(exchange, session, "read on", key.topic());
    }
    return may;
  }

  /** Whether who asks may publish a config; answers if not. */
  boolean mayPublish(ConfigKey key) {
    boolean may = session.mayPublish(key.topic());
    if (!may) {
      Answers.forbid(exchange, session, "publish on", key.topic());
    }
    return may;
  }

  /** What who publishes stands for: the application itself. */
  static ConfigKey application(String appId) {
    return Asked.key(appId, Clusters.DEFAULT, NamespaceName.of("application"));
  }
}
