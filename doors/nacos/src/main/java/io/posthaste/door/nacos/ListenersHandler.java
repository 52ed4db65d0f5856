package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Right;
import io.posthaste.access.Session;
import io.posthaste.config.AudiencePage;
import io.posthaste.config.AudienceQuery;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.Followership;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import java.util.Optional;

/**
 * Who listens, as Nacos' console asks: by config, {@code GET /v1/cs/configs/listener}, or by
 * address, {@code GET /v1/cs/listener}; and below {@code /v3/admin/cs}. Unlike there the answer is
 * that of all nodes.
 */
final class ListenersHandler {
  private static final TopicPattern ALL = new TopicPattern(ConfigKey.PREFIX + "#");
  private static final int MOST = AudienceQuery.MAX_LIMIT;

  private final Configs configs;

  ListenersHandler(Configs configs) {
    this.configs = configs;
  }

  /** The addresses that listen to a config, and the MD5 that each has. */
  void ofConfig(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = Results.isAskedFor(exchange) ? given.key("groupName") : given.key();
    if (!maySee(session, key)) {
      Sessions.forbid(exchange, session, "publish on", key.topic());
      return;
    }
    find(
        exchange,
        "config",
        AudienceQuery.of(key, MOST),
        (page, status) -> page.followers().forEach(one -> put(status, address(one), one)));
  }

  /** The configs that an address listens to, and the MD5 that it has of each. */
  void ofAddress(Exchange exchange, Session session) {
    if (!mayChangeAny(session)) { // he would see nothing, and all nodes would be asked for it
      Sessions.forbid(exchange, session, "publish on", ALL);
      return;
    }
    Parameters given = Parameters.of(exchange.request());
    AudienceQuery query = new AudienceQuery(null, given.required("ip"), false, null, MOST);
    Optional<String> namespace =
        given.text("all").equals("true")
            ? Optional.empty()
            : Optional.of(
                new ConfigKey(given.either("tenant", "namespaceId"), "any", "any").namespace());
    find(
        exchange,
        "ip",
        query,
        (page, status) -> {
          for (Followership one : page.followers()) {
            boolean isWanted = namespace.isEmpty() || namespace.get().equals(one.key().namespace());
            if (isWanted && maySee(session, one.key())) {
              put(status, groupKey(one.key()), one);
            }
          }
        });
  }

  /** Who listens to what is told to those who may change it. */
  private static boolean maySee(Session session, ConfigKey key) {
    return session.mayAdminister() || session.mayPublish(key.topic());
  }

  private static boolean mayChangeAny(Session session) {
    return session.mayAdminister()
        || session.grants().stream()
            .anyMatch(grant -> grant.right() == Right.PUBLISH && grant.pattern().overlaps(ALL));
  }

  /** Writes what was found. */
  private interface Writer {
    void write(AudiencePage page, ObjectNode status);
  }

  private void find(Exchange exchange, String by, AudienceQuery query, Writer writer) {
    if (configs.audience().isBusy()) {
      Answers.unavailable(exchange, "too many ask who listens (expected: a retry)");
      return;
    }
    Answers.later(
        exchange,
        configs.audience().find(query),
        page -> {
          ObjectNode status = Answers.JSON.createObjectNode();
          writer.write(page, status);
          ObjectNode v1 = Answers.JSON.createObjectNode().put("collectStatus", 200);
          v1.set("lisentersGroupkeyStatus", status);
          ObjectNode v3 = Answers.JSON.createObjectNode().put("queryType", by);
          v3.set("listenersStatus", status);
          Answers.json(exchange, v1, v3);
        });
  }

  private static String address(Followership one) {
    return one.instance().address();
  }

  /** As clients write it: {@code dataId+group+tenant}, the last only where there is one. */
  private static String groupKey(ConfigKey key) {
    String tenant = ConfigHandler.tenant(key);
    return key.name() + "+" + key.group() + (tenant.isEmpty() ? "" : "+" + tenant);
  }

  /** Several of one name are all named; there the last would stand for them. */
  private static void put(ObjectNode status, String name, Followership one) {
    String own = status.has(name) ? name + "#" + one.number() : name;
    status.put(own, one.md5() == null ? "" : one.md5().toString());
  }
}
