package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigNamespace;
import io.posthaste.config.ConfigNamespaces;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.NamespaceQuota;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces as Nacos' consoles have them, of v1, v2 and v3. Each sees the namespaces of which he
 * may read a config, with as many configs as he may read; an administrator sees all, and makes,
 * changes and removes them.
 */
final class NamespaceHandler {
  private static final TopicPattern ALL = new TopicPattern("#");

  private final Configs configs;
  private final ConfigNamespaces namespaces;
  private final boolean isOf3;

  /**
   * @param isOf3 whether the default namespace is called by its name, as in v3, or by none
   */
  NamespaceHandler(Configs configs, boolean isOf3) {
    this.isOf3 = isOf3;
    this.configs = configs;
    this.namespaces = configs.namespaces();
  }

  /** {@code GET /v1/console/namespaces}: all, one, or whether there is one. */
  void ofV1(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    if (given.text("checkNamespaceIdExist").equals("true")) {
      boolean isThere = isThere(session, given.text("customNamespaceId"));
      Answers.json(exchange, BooleanNode.valueOf(isThere));
    } else if (given.text("show").equals("all")) {
      show(exchange, session);
    } else {
      list(exchange, session);
    }
  }

  void list(Exchange exchange, Session session) {
    Answers.later(
        exchange,
        CompletableFuture.supplyAsync(() -> counts(session)),
        counts -> {
          ArrayNode data = JsonNodeFactory.instance.arrayNode();
          counts.forEach(
              (name, count) -> data.add(json(name, namespaces.find(name).orElse(null), count)));
          ObjectNode v1 = Answers.JSON.createObjectNode().put("code", 200).putNull("message");
          v1.set("data", data);
          Answers.json(exchange, v1, data);
        });
  }

  private SortedMap<String, Long> counts(Session session) {
    SortedMap<String, Long> counts = new TreeMap<>();
    if (session.mayAdminister()) {
      namespaces.all().forEach(one -> counts.put(one.name(), one.configs()));
    } else {
      configs
          .namespaces(key -> session.mayRead(key.topic()))
          .forEach((name, count) -> counts.put(name, (long) count));
    }
    return counts;
  }

  private ObjectNode json(String name, @Nullable ConfigNamespace namespace, long count) {
    boolean isDefault = name.equals(ConfigKey.DEFAULT_NAMESPACE);
    String title = namespace == null ? "" : namespace.title();
    return Answers.JSON
        .createObjectNode()
        .put("namespace", isDefault && !isOf3 ? "" : name)
        .put("namespaceShowName", title.isEmpty() ? name : title)
        .put("namespaceDesc", namespace == null ? "" : namespace.description())
        .put("quota", namespace == null ? 0 : quota(namespace.quota()))
        .put("configCount", count)
        .put("type", isDefault ? 0 : 2);
  }

  /** How many configs it may have; 0 for any number, as theirs is no larger than an int. */
  private static int quota(NamespaceQuota quota) {
    return quota.configs() == NamespaceQuota.UNLIMITED
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, quota.configs());
  }

  void show(Exchange exchange, Session session) {
    String name = name(Parameters.of(exchange.request()));
    Optional<ConfigNamespace> found = namespaces.find(name);
    if (!maySee(session, name)) {
      Sessions.forbid(exchange, session, "read on", topics(name));
    } else if (found.isEmpty()) {
      absent(exchange, name);
    } else {
      ObjectNode json = json(found.get().name(), found.get(), found.get().configs());
      Answers.json(exchange, json, json);
    }
  }

  private static boolean maySee(Session session, String name) {
    return session.mayAdminister() || session.mayRead(topics(name));
  }

  private static TopicPattern topics(String name) {
    return new TopicPattern(ConfigKey.PREFIX + name + "/#");
  }

  private static void absent(Exchange exchange, String name) {
    Answers.text(
        exchange, 404, "there is no namespace \"" + name + "\" (expected: one of the list)\n");
  }

  /** How many there are of that name, none or one. */
  void check(Exchange exchange, Session session) {
    Results.ok(
        exchange,
        IntNode.valueOf(isThere(session, name(Parameters.of(exchange.request()))) ? 1 : 0));
  }

  /** Whether there is one. */
  void exists(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    String name = given.either("customNamespaceId", "namespaceId");
    Results.ok(exchange, BooleanNode.valueOf(isThere(session, name)));
  }

  private boolean isThere(Session session, String name) {
    return maySee(session, checked(name)) && namespaces.find(name).isPresent();
  }

  private static String name(Parameters given) {
    return checked(given.either("namespaceId", "namespace"));
  }

  private static String checked(String name) {
    String full = name.isEmpty() ? ConfigKey.DEFAULT_NAMESPACE : name;
    ConfigNamespaces.check(full);
    return full;
  }

  /** Makes one; of a name of its own, if none is given. */
  void create(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    String asked = given.either("customNamespaceId", "namespaceId");
    String name = asked.isEmpty() ? UUID.randomUUID().toString() : asked;
    ConfigNamespaces.check(name);
    String title = given.required("namespaceName");
    String description = given.text("namespaceDesc");
    if (mayChange(exchange, session)) {
      Answers.later(
          exchange,
          namespaces.put(
              name,
              title,
              description,
              NamespaceQuota.NONE,
              who(exchange, session),
              Expected.ABSENT),
          outcome -> {
            if (outcome instanceof Changed.Conflict) {
              Answers.text(
                  exchange, 409, "namespace \"" + name + "\" is there (expected: a new name)\n");
            } else {
              Answers.changed(exchange, outcome);
            }
          });
    }
  }

  /** Says something else of one; its quota stays. */
  void update(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    String name = name(given);
    String title = given.either("namespaceName", "namespaceShowName");
    String description = given.text("namespaceDesc");
    if (mayChange(exchange, session)) {
      Optional<ConfigNamespace> found = namespaces.find(name);
      if (found.isEmpty()) {
        absent(exchange, name);
      } else {
        ConfigNamespace before = found.get();
        CompletionStage<Changed> change =
            namespaces.put(
                name,
                title,
                description,
                before.quota(),
                who(exchange, session),
                before.id() == null ? Expected.ABSENT : new Expected.Version(before.id()));
        Answers.later(exchange, change, outcome -> Answers.changed(exchange, outcome));
      }
    }
  }

  /** Removes one, if nothing is in it. */
  void remove(Exchange exchange, Session session) {
    String name = name(Parameters.of(exchange.request()));
    if (mayChange(exchange, session)) {
      Answers.later(
          exchange,
          namespaces.remove(name, who(exchange, session), Expected.ANYTHING),
          outcome -> Answers.changed(exchange, outcome));
    }
  }

  private static boolean mayChange(Exchange exchange, Session session) {
    boolean mayChange = session.mayAdminister();
    if (!mayChange) {
      Sessions.forbid(exchange, session, "administer on", ALL);
    }
    return mayChange;
  }

  private static ConfigAttributes who(Exchange exchange, Session session) {
    return ConfigAttributes.NONE.by(session.author(""), exchange.client().getHostAddress(), "");
  }
}
