package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigChange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * {@code GET /v1/cs/history}: the changes of a config. Unlike upstream's, a line is what the config
 * was after its change, not before.
 */
final class HistoryHandler {
  private final Configs configs;

  HistoryHandler(Configs configs) {
    this.configs = configs;
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
      long sequence = sequence(given.required("nid"));
      Answers.later(
          exchange,
          configs
              .history(key)
              .thenCompose(changes -> version(key, changes, index(changes, sequence))),
          found -> answer(exchange, found));
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
    long sequence = sequence(given.required("id"));
    Answers.later(
        exchange,
        configs
            .history(key)
            .thenCompose(
                changes -> {
                  int index = index(changes, sequence);
                  return version(key, changes, index < 0 ? -1 : index + 1);
                }),
        found -> answer(exchange, found));
  }

  private static long sequence(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new MalformedException(
          "id: " + MalformedException.quote(text) + " (expected: a number from the history)");
    }
  }

  private static int index(List<ConfigChange> changes, long sequence) {
    for (int i = 0; i < changes.size(); i++) {
      if (changes.get(i).id().sequence() == sequence) {
        return i;
      }
    }
    return -1;
  }

  private CompletableFuture<Optional<ObjectNode>> version(
      ConfigKey key, List<ConfigChange> changes, int index) {
    if (index < 0 || index >= changes.size()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    ConfigChange change = changes.get(index);
    Id id = change.id();
    return configs
        .version(key, id)
        .thenApply(
            found ->
                found
                    .map(ConfigVersion::content)
                    .map(content -> json(key, change).put("content", content.utf8())))
        .toCompletableFuture();
  }

  private static void answer(Exchange exchange, Optional<ObjectNode> found) {
    if (found.isPresent()) {
      Answers.json(exchange, found.get());
    } else {
      Answers.text(exchange, 404, "there is no such change (expected: one that is kept)\n");
    }
  }

  private static ObjectNode json(ConfigKey key, ConfigChange change) {
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

  private static String letter(ConfigChange.Operation operation) {
    return switch (operation) {
      case CREATED -> "I";
      case UPDATED -> "U";
      case DELETED -> "D";
    };
  }
}
