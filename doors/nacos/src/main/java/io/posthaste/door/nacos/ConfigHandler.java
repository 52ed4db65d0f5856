package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Identity;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.Md5;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.server.Exchange;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Request;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;

/** {@code /v1/cs/configs}: get, publish, delete. */
final class ConfigHandler {
  private static final int MAX_DESCRIPTION_CHARS = 128;
  private static final int MAX_SHORT_CHARS = 128;

  private final Configs configs;
  private final Search search;
  private final PublishRate rate;

  ConfigHandler(Configs configs, PublishRate rate) {
    this.configs = configs;
    this.search = new Search(configs);
    this.rate = rate;
  }

  /** {@code GET}: the content itself; in detail; or what a search finds. */
  void get(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    if (given.find("search") != null) {
      search.begin(exchange, session, given);
      return;
    }
    refuse(given, "beta", "export", "exportV2");
    boolean inDetail = given.text("show").equals("all");
    ConfigKey key = given.key();
    if (!session.mayRead(key.topic())) {
      Sessions.forbid(exchange, session, "read on", key.topic());
      return;
    }
    Later.on(
        exchange,
        configs.get(key),
        found -> {
          if (found.isEmpty()) {
            Answers.text(exchange, 404, "config data not exist\n");
          } else if (inDetail) {
            Answers.json(exchange, detail(found.get()));
          } else {
            content(exchange, found.get());
          }
        });
  }

  private static void content(Exchange exchange, ConfigVersion version) {
    ConfigAttributes attributes = version.attributes();
    boolean isJson = attributes.format().equals("json");
    // Nothing that a browser would run: contents come from whoever may publish.
    Map<String, String> headers =
        Answers.headers((isJson ? "application/json" : "text/plain") + ";charset=UTF-8");
    headers.put("Config-Type", attributes.format());
    headers.put("Content-MD5", version.md5().toString());
    headers.put(
        "Last-Modified",
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            Instant.ofEpochMilli(version.timeMillis()).atOffset(ZoneOffset.UTC)));
    if (!attributes.encryptedDataKey().isEmpty()) {
      headers.put("Encrypted-Data-Key", attributes.encryptedDataKey());
    }
    Answers.send(exchange, Answers.response(200, headers, version.content().toByteArray()));
  }

  /** What is known of a version, under the names that Nacos has for it. */
  static ObjectNode detail(ConfigVersion version) {
    ConfigAttributes attributes = version.attributes();
    return Answers.JSON
        .createObjectNode()
        .put("id", Long.toString(version.id().sequence()))
        .put("dataId", version.key().name())
        .put("group", version.key().group())
        .put("content", version.content().utf8())
        .put("md5", version.md5().toString())
        .put("encryptedDataKey", attributes.encryptedDataKey())
        .put("tenant", tenant(version.key()))
        .put("appName", attributes.application())
        .put("type", attributes.format())
        .put("modifyTime", version.timeMillis())
        .put("createUser", attributes.author())
        .put("createIp", attributes.address())
        .put("desc", attributes.description())
        .put("configTags", attributes.tags());
  }

  /** A namespace as Nacos names it. */
  static String tenant(ConfigKey key) {
    return key.namespace().equals(ConfigKey.DEFAULT_NAMESPACE) ? "" : key.namespace();
  }

  /** {@code POST}: publishes a version. */
  void publish(Exchange exchange, Session session) {
    Request request = exchange.request();
    if (request.header("betaIps") != null) {
      throw notForAll("betaIps");
    }
    Parameters given = Parameters.of(request);
    refuse(given, "tag", "import", "clone");
    ConfigKey key = given.key();
    Payload content = Payload.of(given.required("content"));
    ConfigAttributes attributes =
        new ConfigAttributes(
            given.text("type"),
            author(session, given),
            exchange.client().getHostAddress(),
            "",
            given.text("appName", MAX_SHORT_CHARS),
            given.text("desc", MAX_DESCRIPTION_CHARS),
            given.text("config_tags", 5 * 64 + 4),
            given.text("encryptedDataKey"));
    String replaced = request.header("casMd5");
    Expected expected =
        replaced == null || replaced.isEmpty()
            ? Expected.ANYTHING
            : new Expected.Content(Md5.parse(replaced));
    if (mayPublish(exchange, session, key)) {
      Later.on(
          exchange,
          configs.publish(key, content, attributes, expected),
          outcome -> Answers.changed(exchange, outcome));
    }
  }

  /** {@code DELETE}: {@code true}, also if there was none. */
  void delete(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    refuse(given, "tag", "beta", "delType");
    ConfigKey key = given.key();
    ConfigAttributes who =
        ConfigAttributes.NONE.by(author(session, given), exchange.client().getHostAddress(), "");
    if (mayPublish(exchange, session, key)) {
      Later.on(
          exchange,
          configs.remove(key, who, Expected.ANYTHING),
          outcome -> Answers.changed(exchange, outcome));
    }
  }

  /** Who did it, as he has proved; as he says where nobody needs to. */
  private static String author(Session session, Parameters given) {
    Identity proved = session.identity();
    return session.isProved() && !proved.equals(Identity.OPERATOR)
        ? proved.id()
        : given.text("src_user", MAX_SHORT_CHARS);
  }

  private boolean mayPublish(Exchange exchange, Session session, ConfigKey key) {
    if (!session.mayPublish(key.topic())) {
      Sessions.forbid(exchange, session, "publish on", key.topic());
      return false;
    }
    Duration wait = rate.take(exchange.client(), 1);
    if (!wait.isZero()) {
      Answers.text(exchange, 429, "this publisher has published as much as it may for now\n");
    }
    return wait.isZero();
  }

  /** What we cannot do is refused: to everybody is not where a gray release should go. */
  private static void refuse(Parameters given, String... names) {
    for (String name : names) {
      if (!Optional.ofNullable(given.find(name)).orElse("").isEmpty()) {
        throw notForAll(name);
      }
    }
  }

  private static MalformedException notForAll(String name) {
    return new MalformedException(
        name + ": this server does not know it yet (expected: a request without it)");
  }
}
