package io.posthaste.door.nacos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.Instance;
import io.posthaste.config.Md5;
import io.posthaste.config.Shown;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.server.Exchange;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Request;
import java.net.URLEncoder;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** {@code /v1/cs/configs}: get, publish, delete. */
final class ConfigHandler {
  private static final int MAX_DESCRIPTION_CHARS = 128;
  private static final int MAX_SHORT_CHARS = 128;

  private final Configs configs;
  private final Search search;
  private final GrayHandler gray;
  private final PublishRate rate;

  ConfigHandler(Configs configs, PublishRate rate) {
    this.configs = configs;
    this.search = new Search(configs);
    this.gray = new GrayHandler(configs);
    this.rate = rate;
  }

  /** {@code GET}: the content itself; in detail; or what a search finds. */
  void get(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    if (given.find("search") != null) {
      search.begin(exchange, session, given);
      return;
    }
    if (isBeta(given)) {
      gray.show(exchange, session, given);
      return;
    }
    refuse(given, "export", "exportV2");
    boolean inDetail = given.text("show").equals("all");
    ConfigKey key = given.key();
    if (!session.mayRead(key.topic())) {
      Sessions.forbid(exchange, session, "read on", key.topic());
      return;
    }
    if (inDetail) {
      Answers.later(
          exchange,
          configs.get(key),
          found -> {
            if (found.isPresent()) {
              Answers.json(exchange, detail(found.get()));
            } else {
              absent(exchange, "");
            }
          });
      return;
    }
    String tag = given.text("tag");
    Instance instance = tag.isEmpty() ? Callers.of(exchange) : Callers.of(exchange, tag);
    Answers.later(
        exchange,
        configs.get(key, instance),
        found -> {
          Md5 md5 = found.map(shown -> shown.version().md5()).orElse(null);
          configs.audience().fetched(instance, PollHandler.DOOR, key, md5);
          if (found.isEmpty() || !tag.isEmpty() && found.get().gray().isEmpty()) {
            absent(exchange, tag);
          } else {
            content(exchange, found.get());
          }
        });
  }

  /** Whether it is of the gray version that the parameter asks for, not of the config. */
  private static boolean isBeta(Parameters given) {
    return given.text("beta").equals("true");
  }

  private static void absent(Exchange exchange, String tag) {
    Map<String, String> headers = Answers.headers("text/plain;charset=UTF-8");
    if (!tag.isEmpty()) {
      headers.put(GrayNames.TAG_LABEL, URLEncoder.encode(tag, UTF_8));
    }
    Answers.send(
        exchange, Answers.response(404, headers, "config data not exist\n".getBytes(UTF_8)));
  }

  private static void content(Exchange exchange, Shown shown) {
    ConfigVersion version = shown.version();
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
    String tag = GrayNames.tagOf(shown.gray());
    if (GrayNames.isBeta(shown.gray())) {
      headers.put("isBeta", "true");
    } else if (!tag.isEmpty()) {
      headers.put("tag", URLEncoder.encode(tag, UTF_8));
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

  /** {@code POST}: publishes a version, for all, or for those at some addresses or of a tag. */
  void publish(Exchange exchange, Session session) {
    Request request = exchange.request();
    Parameters given = Parameters.of(request);
    refuse(given, "import", "clone");
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
    String betaIps = request.header("betaIps");
    String tag = given.text("tag");
    CompletionStage<Changed> publishing;
    if (mayPublish(exchange, session, key)) {
      if (betaIps != null && !betaIps.isEmpty()) {
        publishing = gray.beta(key, betaIps, content, attributes, expected);
      } else if (!tag.isEmpty()) {
        publishing = gray.tag(key, tag, content, attributes, expected);
      } else {
        publishing = configs.publish(key, content, attributes, expected);
      }
      Answers.later(exchange, publishing, outcome -> Answers.changed(exchange, outcome));
    }
  }

  /**
   * {@code DELETE}: {@code true}, also if there was none. With a tag, or of the beta version: only
   * those are taken away from who sees them.
   */
  void delete(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    refuse(given, "delType");
    ConfigKey key = given.key();
    String tag = given.text("tag");
    ConfigAttributes who =
        ConfigAttributes.NONE.by(author(session, given), exchange.client().getHostAddress(), "");
    if (mayPublish(exchange, session, key)) {
      if (isBeta(given)) {
        gray.stop(exchange, GrayNames.beta(key), who);
      } else {
        Answers.later(
            exchange,
            tag.isEmpty()
                ? configs.remove(key, who, Expected.ANYTHING)
                : configs.grays().abort(GrayNames.tag(key, tag), who, Expected.ANYTHING),
            outcome -> Answers.changed(exchange, outcome));
      }
    }
  }

  private static String author(Session session, Parameters given) {
    return session.author(given.text("src_user", MAX_SHORT_CHARS));
  }

  private boolean mayPublish(Exchange exchange, Session session, ConfigKey key) {
    if (!session.mayPublish(key.topic())) {
      Sessions.forbid(exchange, session, "publish on", key.topic());
      return false;
    }
    return rate.admits(
        exchange,
        session,
        1,
        wait -> Answers.text(exchange, 429, PublishRate.refusal(wait) + "\n"));
  }

  /** What we cannot do is refused. */
  private static void refuse(Parameters given, String... names) {
    for (String name : names) {
      if (!Optional.ofNullable(given.find(name)).orElse("").isEmpty()) {
        throw unknown(name);
      }
    }
  }

  private static MalformedException unknown(String name) {
    return new MalformedException(
        name + ": this server does not know it yet (expected: a request without it)");
  }
}
