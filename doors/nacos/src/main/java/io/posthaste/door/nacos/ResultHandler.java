package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.core.Payload;
import io.posthaste.server.Exchange;
import io.posthaste.server.PublishRate;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Get, publish and delete as v2 and v3 have them: the same as of v1, answered by {@link Results}.
 */
final class ResultHandler {
  private static final int MAX_SHORT_CHARS = 128;

  private final Configs configs;
  private final PublishRate rate;
  private final GrayHandler gray;
  private final String group;

  /**
   * @param group what a config's group is called
   */
  ResultHandler(Configs configs, PublishRate rate, String group) {
    this.configs = configs;
    this.rate = rate;
    this.gray = new GrayHandler(configs);
    this.group = group;
  }

  /** {@code GET /v2/cs/config}: the content. */
  void content(Exchange exchange, Session session) {
    get(exchange, session, version -> new TextNode(version.content().utf8()));
  }

  /** {@code GET /v3/client/cs/config}: the content, and what clients want to know of it. */
  void detail(Exchange exchange, Session session) {
    get(
        exchange,
        session,
        version ->
            GrpcCall.done()
                .put("content", version.content().utf8())
                .put("md5", version.md5().toString())
                .put("contentType", version.attributes().format())
                .put("encryptedDataKey", version.attributes().encryptedDataKey())
                .put("lastModified", version.timeMillis())
                .put("beta", false));
  }

  private void get(Exchange exchange, Session session, Function<ConfigVersion, JsonNode> data) {
    ConfigKey key = Parameters.of(exchange.request()).key(group);
    if (mayRead(exchange, session, key)) {
      Answers.later(
          exchange,
          configs.get(key, Callers.of(exchange)),
          found -> answer(exchange, found.map(shown -> data.apply(shown.version()))));
    }
  }

  /** {@code GET /v3/admin/cs/config}: all that there is of the version for all. */
  void whole(Exchange exchange, Session session) {
    ConfigKey key = Parameters.of(exchange.request()).key(group);
    if (mayRead(exchange, session, key)) {
      Answers.later(
          exchange, configs.get(key), found -> answer(exchange, found.map(ResultHandler::whole)));
    }
  }

  private static void answer(Exchange exchange, Optional<? extends JsonNode> data) {
    if (data.isPresent()) {
      Results.ok(exchange, data.get());
    } else {
      Answers.text(exchange, 404, "config data not exist");
    }
  }

  private static boolean mayRead(Exchange exchange, Session session, ConfigKey key) {
    boolean mayRead = session.mayRead(key.topic());
    if (!mayRead) {
      Sessions.forbid(exchange, session, "read on", key.topic());
    }
    return mayRead;
  }

  /** What v3 says of a version in lists. */
  static ObjectNode basic(ConfigVersion version) {
    ConfigAttributes attributes = version.attributes();
    return Answers.JSON
        .createObjectNode()
        .put("id", version.id().sequence())
        .put("namespaceId", version.key().namespace())
        .put("groupName", version.key().group())
        .put("dataId", version.key().name())
        .put("md5", version.md5().toString())
        .put("type", attributes.format())
        .put("appName", attributes.application())
        .put("modifyTime", version.timeMillis())
        .put("desc", attributes.description())
        .put("configTags", attributes.tags());
  }

  /** What v3 says of one alone. */
  static ObjectNode whole(ConfigVersion version) {
    return basic(version)
        .put("content", version.content().utf8())
        .put("encryptedDataKey", version.attributes().encryptedDataKey())
        .put("createUser", version.attributes().author())
        .put("createIp", version.attributes().address());
  }

  /** {@code POST}: for all, or for those at some addresses or of a tag. */
  void publish(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = given.key(group);
    Payload content = Payload.of(given.required("content"));
    ConfigAttributes attributes =
        new ConfigAttributes(
            given.text("type"),
            session.author(given.text("srcUser", MAX_SHORT_CHARS)),
            exchange.client().getHostAddress(),
            "",
            given.text("appName", MAX_SHORT_CHARS),
            given.text("desc", MAX_SHORT_CHARS),
            given.text("configTags", 5 * 64 + 4),
            given.text("encryptedDataKey"));
    String betaIps = exchange.request().header("betaIps");
    String addresses = betaIps == null || betaIps.isEmpty() ? given.text("betaIps") : betaIps;
    String tag = given.text("tag");
    if (mayPublish(exchange, session, key)) {
      change(
          exchange,
          !addresses.isEmpty()
              ? gray.beta(key, addresses, content, attributes, Expected.ANYTHING)
              : !tag.isEmpty()
                  ? gray.tag(key, tag, content, attributes, Expected.ANYTHING)
                  : configs.publish(key, content, attributes, Expected.ANYTHING));
    }
  }

  /** {@code DELETE}: {@code true}, also if there was none. */
  void delete(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = given.key(group);
    String tag = given.text("tag");
    if (mayPublish(exchange, session, key)) {
      ConfigAttributes who = who(exchange, session);
      change(
          exchange,
          tag.isEmpty()
              ? configs.remove(key, who, Expected.ANYTHING)
              : configs.grays().abort(GrayNames.tag(key, tag), who, Expected.ANYTHING));
    }
  }

  /** {@code DELETE …/beta}: takes the beta version from those who see it. */
  void stopBeta(Exchange exchange, Session session) {
    ConfigKey key = Parameters.of(exchange.request()).key(group);
    if (mayPublish(exchange, session, key)) {
      ConfigAttributes who = who(exchange, session);
      change(exchange, configs.grays().abort(GrayNames.beta(key), who, Expected.ANYTHING));
    }
  }

  /** {@code GET …/beta}: the beta version and whom it is for. */
  void beta(Exchange exchange, Session session) {
    ConfigKey key = Parameters.of(exchange.request()).key(group);
    if (mayRead(exchange, session, key)) {
      Answers.later(
          exchange,
          configs.grays().get(GrayNames.beta(key)),
          found ->
              answer(
                  exchange,
                  found.map(
                      beta ->
                          whole(beta.shown().version())
                              .put("grayName", beta.version().key().gray())
                              .put("grayRule", GrayNames.addresses(beta.version().rule())))));
    }
  }

  /** {@code PUT …/metadata}: the same content, described otherwise. */
  void describe(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = given.key(group);
    String description = given.text("desc", MAX_SHORT_CHARS);
    String tags = given.text("configTags", 5 * 64 + 4);
    if (mayPublish(exchange, session, key)) {
      ConfigAttributes who = who(exchange, session);
      Answers.later(
          exchange,
          configs
              .get(key)
              .thenCompose(
                  found ->
                      found.isEmpty()
                          ? CompletableFuture.completedFuture(new Changed.NoSuchVersion())
                          : again(found.get(), description, tags, who)),
          outcome -> Answers.changed(exchange, outcome));
    }
  }

  private CompletionStage<Changed> again(
      ConfigVersion version, String description, String tags, ConfigAttributes who) {
    ConfigAttributes before = version.attributes();
    ConfigAttributes attributes =
        new ConfigAttributes(
            before.format(),
            who.author(),
            who.address(),
            "",
            before.application(),
            description,
            tags,
            before.encryptedDataKey());
    return configs.publish(
        version.key(), version.content(), attributes, new Expected.Version(version.id()));
  }

  private static ConfigAttributes who(Exchange exchange, Session session) {
    return ConfigAttributes.NONE.by(session.author(""), exchange.client().getHostAddress(), "");
  }

  private boolean mayPublish(Exchange exchange, Session session, ConfigKey key) {
    if (!session.mayPublish(key.topic())) {
      Sessions.forbid(exchange, session, "publish on", key.topic());
      return false;
    }
    return rate.admits(
        exchange, session, 1, wait -> Answers.text(exchange, 429, PublishRate.refusal(wait)));
  }

  private static void change(Exchange exchange, CompletionStage<Changed> change) {
    Answers.later(exchange, change, outcome -> Answers.changed(exchange, outcome));
  }
}
