package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code GET /v1/cs/configs?search=…}: the configs of a namespace by name, page by page. */
final class Search {
  /** A page holds contents, so it must stay small. */
  private static final int MAX_PAGE = 500;

  private static final long MAX_PAGE_BYTES = 16 << 20;

  private final Configs configs;

  Search(Configs configs) {
    this.configs = configs;
  }

  void begin(Exchange exchange, Session session, Parameters given) {
    String way = given.text("search");
    if (!way.equals("accurate") && !way.equals("blur")) {
      throw new MalformedException(
          "search: " + MalformedException.quote(way) + " (expected: accurate or blur)");
    }
    String namespace = given.text("tenant").isEmpty() ? "public" : given.text("tenant");
    String group = given.text("group", 256);
    String name = given.text("dataId", 512);
    int number = given.number("pageNo", 1, 1, Integer.MAX_VALUE);
    int size = given.number("pageSize", 100, 1, MAX_PAGE);
    CompletableFuture<List<ConfigKey>> keys =
        CompletableFuture.supplyAsync(
            () ->
                configs.search(namespace, group, name).stream()
                    .filter(key -> session.mayRead(key.topic()))
                    .toList());
    Answers.later(
        exchange,
        keys.thenCompose(
            all -> fill(Pages.page(all, number, size)).thenApply(p -> json(all, p, number, size))),
        json -> Answers.json(exchange, json));
  }

  /** The versions of these, as far as they are still there; one after the other. */
  private CompletionStage<List<ConfigVersion>> fill(List<ConfigKey> keys) {
    CompletionStage<List<ConfigVersion>> page =
        CompletableFuture.completedFuture(new ArrayList<>());
    for (ConfigKey key : keys) {
      page = page.thenCompose(found -> add(key, found));
    }
    return page;
  }

  private CompletionStage<List<ConfigVersion>> add(ConfigKey key, List<ConfigVersion> found) {
    long bytes = found.stream().mapToLong(version -> version.content().length()).sum();
    if (bytes > MAX_PAGE_BYTES) {
      throw new MalformedException(
          "pageSize: the contents are more than "
              + MAX_PAGE_BYTES
              + " bytes (expected: a smaller page)");
    }
    return configs
        .get(key)
        .thenApply(
            version -> {
              version.ifPresent(found::add);
              return found;
            });
  }

  private static ObjectNode json(
      List<ConfigKey> all, List<ConfigVersion> page, int number, int size) {
    ObjectNode json = Pages.json(all.size(), number, size);
    ArrayNode items = json.putArray("pageItems");
    page.forEach(version -> items.add(ConfigHandler.detail(version)));
    return json;
  }
}
