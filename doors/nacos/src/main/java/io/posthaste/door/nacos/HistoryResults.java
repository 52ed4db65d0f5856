package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigChange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.Md5;
import io.posthaste.server.Exchange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code /v2/cs/history/…} and {@code /v3/admin/cs/history/…}: the changes of a config. */
final class HistoryResults {
  private static final int MOST_CONFIGS = 10_000;

  private final Configs configs;
  private final ChangeLook look;
  private final boolean isOf3;

  /**
   * @param isOf3 whether things are called as in v3
   */
  HistoryResults(Configs configs, boolean isOf3) {
    this.configs = configs;
    this.look = new ChangeLook(configs);
    this.isOf3 = isOf3;
  }

  private ConfigKey key(Parameters given) {
    return given.key(isOf3 ? "groupName" : "group");
  }

  /** A page of changes, newest first. */
  void list(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = key(given);
    int number = given.number("pageNo", 1, 1, Integer.MAX_VALUE);
    int size = given.number("pageSize", 100, 1, 500);
    if (mayRead(exchange, session, key)) {
      Answers.later(
          exchange,
          configs.history(key),
          changes -> {
            ObjectNode json = Pages.json(changes.size(), number, size);
            ArrayNode items = json.putArray("pageItems");
            Pages.page(changes, number, size).forEach(change -> items.add(row(key, change)));
            Results.ok(exchange, json);
          });
    }
  }

  /** The change of that {@code nid}. */
  void one(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = key(given);
    String number = given.required("nid");
    if (mayRead(exchange, session, key)) {
      answer(exchange, key, look.find(key, number, 0));
    }
  }

  /** The change before the one of that {@code id}. */
  void previous(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    ConfigKey key = key(given);
    String number = given.required("id");
    if (mayRead(exchange, session, key)) {
      answer(exchange, key, look.find(key, number, 1));
    }
  }

  private static boolean mayRead(Exchange exchange, Session session, ConfigKey key) {
    boolean mayRead = session.mayRead(key.topic());
    if (!mayRead) {
      Sessions.forbid(exchange, session, "read on", key.topic());
    }
    return mayRead;
  }

  private void answer(
      Exchange exchange, ConfigKey key, CompletionStage<Optional<ChangeLook.Found>> look) {
    Answers.later(
        exchange,
        look,
        found -> {
          if (found.isPresent()) {
            Results.ok(exchange, whole(key, found.get()));
          } else {
            ChangeLook.absent(exchange);
          }
        });
  }

  private ObjectNode whole(ConfigKey key, ChangeLook.Found found) {
    return isOf3
        ? row(key, found.change())
            .put("content", found.content().utf8())
            .put("encryptedDataKey", found.change().attributes().encryptedDataKey())
        : HistoryHandler.whole(key, found);
  }

  private ObjectNode row(ConfigKey key, ConfigChange change) {
    return isOf3
        ? name(key)
            .put("id", change.id().sequence())
            .put("md5", change.md5().toString())
            .put("type", change.attributes().format())
            .put("appName", change.attributes().application())
            .put("createTime", change.timeMillis())
            .put("modifyTime", change.timeMillis())
            .put("desc", change.attributes().description())
            .put("configTags", change.attributes().tags())
            .put("srcIp", change.attributes().address())
            .put("srcUser", change.attributes().author())
            .put("opType", HistoryHandler.letter(change.operation()))
            .put("publishType", "formal")
        : HistoryHandler.json(key, change);
  }

  private ObjectNode name(ConfigKey key) {
    ObjectNode json = Answers.JSON.createObjectNode().put("dataId", key.name());
    return isOf3
        ? json.put("groupName", key.group()).put("namespaceId", key.namespace())
        : json.put("group", key.group()).put("tenant", ConfigHandler.tenant(key));
  }

  /** The configs of a namespace that may be read. */
  void configs(Exchange exchange, Session session) {
    String given = Parameters.of(exchange.request()).text("namespaceId");
    String namespace = given.isEmpty() ? ConfigKey.DEFAULT_NAMESPACE : given;
    Answers.later(
        exchange,
        CompletableFuture.supplyAsync(
            () ->
                configs.search(namespace, "", "").stream()
                    .filter(key -> session.mayRead(key.topic()))
                    .limit(MOST_CONFIGS + 1)
                    .toList()),
        keys -> {
          if (keys.size() > MOST_CONFIGS) {
            Answers.text(
                exchange,
                400,
                "namespaceId: more than " + MOST_CONFIGS + " configs (expected: pages of a list)");
            return;
          }
          ArrayNode all = Answers.JSON.createArrayNode();
          for (ConfigKey key : keys) {
            Md5 md5 = configs.md5(key);
            all.add(name(key).put("md5", md5 == null ? "" : md5.toString()));
          }
          Results.ok(exchange, all);
        });
  }
}
