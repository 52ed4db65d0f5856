package io.posthaste.door.nacos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.server.Completion;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PublishRate;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v2/cs/config} and {@code /v3/client/cs/config}: the same as of v1, in answers of {@code
 * {"code","message","data"}}.
 */
final class ResultHandler {
  private static final int OK = 0;
  private static final int FORBIDDEN = 10_001;
  private static final int MALFORMED = 20_002;
  private static final int NOT_FOUND = 20_004;
  private static final int CONFLICT = 20_005;
  private static final int FAILED = 30_000;
  private static final int MAX_SHORT_CHARS = 128;

  private static final Logger LOGGER = LoggerFactory.getLogger(ResultHandler.class);

  private final Configs configs;
  private final PublishRate rate;

  ResultHandler(Configs configs, PublishRate rate) {
    this.configs = configs;
    this.rate = rate;
  }

  /** {@code GET /v2/cs/config}: the content. */
  void content(Exchange exchange, Session session) {
    get(exchange, session, "group", version -> new TextNode(version.content().utf8()));
  }

  /** {@code GET /v3/client/cs/config}: the content, and what is said of it. */
  void detail(Exchange exchange, Session session) {
    get(
        exchange,
        session,
        "groupName",
        version ->
            GrpcCall.done()
                .put("content", version.content().utf8())
                .put("md5", version.md5().toString())
                .put("contentType", version.attributes().format())
                .put("encryptedDataKey", version.attributes().encryptedDataKey())
                .put("lastModified", version.timeMillis())
                .put("beta", false));
  }

  private void get(
      Exchange exchange, Session session, String group, Function<ConfigVersion, JsonNode> data) {
    within(
        exchange,
        () -> {
          Parameters given = Parameters.of(exchange.request());
          ConfigKey key = key(given, group);
          if (!session.mayRead(key.topic())) {
            forbid(exchange, session, "read", key);
            return;
          }
          later(
              exchange,
              configs.get(key, Callers.of(exchange)),
              found -> {
                Optional<JsonNode> json = found.map(shown -> data.apply(shown.version()));
                if (json.isPresent()) {
                  answer(exchange, 200, OK, "success", json.get());
                } else {
                  refuse(exchange, 404, NOT_FOUND, "config data not exist");
                }
              });
        });
  }

  /** {@code POST /v2/cs/config}. */
  void publish(Exchange exchange, Session session) {
    within(
        exchange,
        () -> {
          Parameters given = Parameters.of(exchange.request());
          for (String name : new String[] {"tag", "betaIps"}) {
            if (!given.text(name).isEmpty()) {
              throw new MalformedException(name + ": not known here (expected: v1 for it)");
            }
          }
          ConfigKey key = key(given, "group");
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
          if (mayPublish(exchange, session, key)) {
            change(exchange, configs.publish(key, content, attributes, Expected.ANYTHING));
          }
        });
  }

  /** {@code DELETE /v2/cs/config}. */
  void delete(Exchange exchange, Session session) {
    within(
        exchange,
        () -> {
          ConfigKey key = key(Parameters.of(exchange.request()), "group");
          ConfigAttributes who =
              ConfigAttributes.NONE.by(session.author(""), exchange.client().getHostAddress(), "");
          if (mayPublish(exchange, session, key)) {
            change(exchange, configs.remove(key, who, Expected.ANYTHING));
          }
        });
  }

  private static ConfigKey key(Parameters given, String group) {
    return new ConfigKey(
        given.text("namespaceId"), given.required(group), given.required("dataId"));
  }

  private boolean mayPublish(Exchange exchange, Session session, ConfigKey key) {
    if (!session.mayPublish(key.topic())) {
      forbid(exchange, session, "publish", key);
      return false;
    }
    return rate.admits(
        exchange, session, 1, wait -> refuse(exchange, 429, FAILED, PublishRate.refusal(wait)));
  }

  private void change(Exchange exchange, CompletionStage<Changed> change) {
    later(
        exchange,
        change,
        outcome -> {
          if (outcome instanceof Changed.Done || outcome instanceof Changed.AbsentAlready) {
            answer(exchange, 200, OK, "success", BooleanNode.TRUE);
          } else if (outcome instanceof Changed.TooLarge tooLarge) {
            String most =
                "content: too large (expected: at most " + tooLarge.maxBytes() + " bytes)";
            refuse(exchange, 413, MALFORMED, most);
          } else if (outcome instanceof Changed.Unavailable unavailable) {
            refuse(exchange, 503, FAILED, unavailable.reason());
          } else {
            refuse(exchange, 409, CONFLICT, "the config is no longer what it was");
          }
        });
  }

  private static void within(Exchange exchange, Runnable part) {
    try {
      part.run();
    } catch (MalformedException e) {
      refuse(exchange, 400, MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private static <T> void later(
      Exchange exchange, CompletionStage<T> stage, Consumer<? super T> done) {
    exchange.hold(HoldListener.SHORTLY);
    Completion.on(exchange.shard(), stage, done, failure -> failed(exchange, failure));
  }

  private static void failed(Exchange exchange, Throwable failure) {
    if (failure instanceof LogException) {
      LOGGER.debug("the log does not answer why={}", failure.getMessage());
      refuse(exchange, 503, FAILED, "the log does not answer (expected: a retry)");
    } else {
      LOGGER.error("a request failed", failure);
      refuse(exchange, 500, FAILED, "the server failed at this request; its log says why");
    }
  }

  private static void forbid(Exchange exchange, Session session, String what, ConfigKey key) {
    if (session.isSuspended()) {
      refuse(exchange, 503, FAILED, "who may what cannot be known now (expected: a retry)");
    } else {
      String who = session.identity().id();
      refuse(
          exchange, 403, FORBIDDEN, what + " on \"" + key.topic() + "\" is not granted to " + who);
    }
  }

  private static void refuse(Exchange exchange, int status, int code, String why) {
    answer(exchange, status, code, why, NullNode.getInstance());
  }

  private static void answer(
      Exchange exchange, int status, int code, String message, JsonNode data) {
    JsonNode json =
        Answers.JSON.createObjectNode().put("code", code).put("message", message).set("data", data);
    Map<String, String> headers = Answers.headers("application/json;charset=UTF-8");
    Answers.send(exchange, Answers.response(status, headers, json.toString().getBytes(UTF_8)));
  }
}
