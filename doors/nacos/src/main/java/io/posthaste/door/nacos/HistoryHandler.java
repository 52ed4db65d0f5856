package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigChange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * {@code GET /v1/cs/history}: the changes of a config. Unlike upstream's, a line is what the config
 * was after its change, not before.
 */
final class HistoryHandler {
  private final Configs configs;
  private final ChangeLook look;

  HistoryHandler(Configs configs) {
    this.configs = configs;
    this.look = new ChangeLook(configs);
  }

  /** A page of changes, newest first; with {@code nid} one of them and its content. */
  void look(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = given.key();
    if (!session.mayRead(key.topic())) {
      Sessions.forbid(exchange, session, "read on", key.topic());
      return;
    }
    if (given.find("nid") != null) {
      answer(exchange, key, look.find(key, given.required("nid"), 0));
      return;
    }
    if (!given.text("search").equals("accurate")) {
      throw new MalformedException("search: missing (expected: search=accurate, or nid)");
    }
    int number = given.number("pageNo", 1, 1, Integer.MAX_VALUE);
    int size = given.number("pageSize", 100, 1, 500);
    Answers.later(
        exchange,
        configs.history(key),
        changes -> {
          ObjectNode json = Pages.json(changes.size(), number, size);
          ArrayNode items = json.putArray("pageItems");
          Pages.page(changes, number, size).forEach(change -> items.add(json(key, change)));
          Answers.json(exchange, json);
        });
  }

  /** The change before the one of that {@code id}. */
  void previous(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = given.key();
    if (!session.mayRead(key.topic())) {
      Sessions.forbid(exchange, session, "read on", key.topic());
      return;
    }
    answer(exchange, key, look.find(key, given.required("id"), 1));
  }

  private static void answer(
      Exchange exchange, ConfigKey key, CompletionStage<Optional<ChangeLook.Found>> look) {
    Answers.later(
        exchange,
        look,
        found -> {
          if (found.isPresent()) {
            Answers.json(exchange, whole(key, found.get()));
          } else {
            ChangeLook.absent(exchange);
          }
        });
  }

  /** A change with the content that it left. */
  static ObjectNode whole(ConfigKey key, ChangeLook.Found found) {
    return json(key, found.change()).put("content", found.content().utf8());
  }

  /** A change without its content. */
  static ObjectNode json(ConfigKey key, ConfigChange change) {
    String time =
        Instant.ofEpochMilli(change.timeMillis()).truncatedTo(ChronoUnit.MILLIS).toString();
    return Answers.JSON
        .createObjectNode()
        .put("id", Long.toString(change.id().sequence()))
        .put("lastId", -1)
        .put("dataId", key.name())
        .put("group", key.group())
        .put("tenant", ConfigHandler.tenant(key))
        .put("appName", change.attributes().application())
        .put("md5", change.md5().toString())
        .putNull("content")
        .put("srcIp", change.attributes().address())
        .put("srcUser", change.attributes().author())
        .put("opType", letter(change.operation()))
        .put("createdTime", time)
        .put("lastModifiedTime", time)
        .put("encryptedDataKey", change.attributes().encryptedDataKey());
  }

  static String letter(ConfigChange.Operation operation) {
    return switch (operation) {
      case CREATED -> "I";
      case UPDATED -> "U";
      case DELETED -> "D";
    };
  }
}
