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

/**
 * {@code GET /v1/cs/configs?search=…} and {@code GET /v3/admin/cs/config/list}: the configs of a
 * namespace by name, and by what they are, page by page.
 */
final class Search {
  /** A page holds contents, so it must stay small. */
  private static final int MAX_PAGE = 500;

  /** Of how many contents a search may look into. */
  private static final int MOST_READ = 10_000;

  private static final long MAX_PAGE_BYTES = 16 << 20;

  private final Configs configs;

  Search(Configs configs) {
    this.configs = configs;
  }

  /** As v1 asks. */
  void begin(Exchange exchange, Session session, Parameters given) {
    begin(exchange, session, given, "tenant", "group", "config_tags", "config_detail");
  }

  /** {@code GET /v3/admin/cs/config/list}. */
  void list(Exchange exchange, Session session) {
    Parameters given = Parameters.of(exchange.request());
    begin(exchange, session, given, "namespaceId", "groupName", "configTags", "configDetail");
  }

  private void begin(
      Exchange exchange,
      Session session,
      Parameters given,
      String namespaceAs,
      String groupAs,
      String tagsAs,
      String detailAs) {
    boolean isOf3 = Results.isAskedFor(exchange);
    String way = isOf3 && given.text("search").isEmpty() ? "blur" : given.text("search");
    if (!way.equals("accurate") && !way.equals("blur")) {
      throw new MalformedException(
          "search: " + MalformedException.quote(way) + " (expected: accurate or blur)");
    }
    String asked = given.text(namespaceAs);
    String namespace = asked.isEmpty() ? ConfigKey.DEFAULT_NAMESPACE : asked;
    String group = given.text(groupAs, 256);
    String name = given.text("dataId", 512);
    int number = given.number("pageNo", 1, 1, Integer.MAX_VALUE);
    int size = given.number("pageSize", 100, 1, MAX_PAGE);
    SearchFilter filter =
        new SearchFilter(
            given.text(detailAs, 1_024),
            given.either("types", "type"),
            given.text(tagsAs, 1_024),
            given.text("appName", 128));
    CompletableFuture<List<ConfigKey>> keys =
        CompletableFuture.supplyAsync(
            () ->
                configs.search(namespace, group, name).stream()
                    .filter(key -> session.mayRead(key.topic()))
                    .toList());
    Answers.later(
        exchange,
        keys.thenCompose(all -> filter.isNone() ? done(all) : matching(all, filter))
            .thenCompose(
                all ->
                    fill(Pages.page(all, number, size))
                        .thenApply(page -> json(all, page, number, size, isOf3))),
        json -> Answers.json(exchange, json, json));
  }

  private static CompletionStage<List<ConfigKey>> done(List<ConfigKey> all) {
    return CompletableFuture.completedFuture(all);
  }

  /** Those whose latest version matches; one after the other is read for it. */
  private CompletionStage<List<ConfigKey>> matching(List<ConfigKey> all, SearchFilter filter) {
    if (all.size() > MOST_READ) {
      throw new MalformedException(
          all.size()
              + " configs would have to be read (expected: names that fit at most "
              + MOST_READ
              + ")");
    }
    CompletionStage<List<ConfigKey>> matching = done(new ArrayList<>());
    for (ConfigKey key : all) {
      matching =
          matching.thenCompose(
              found ->
                  configs
                      .get(key)
                      .thenApply(
                          version -> {
                            version.filter(filter::matches).ifPresent(v -> found.add(key));
                            return found;
                          }));
    }
    return matching;
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
      List<ConfigKey> all, List<ConfigVersion> page, int number, int size, boolean isOf3) {
    ObjectNode json = Pages.json(all.size(), number, size);
    ArrayNode items = json.putArray("pageItems");
    for (ConfigVersion version : page) {
      items.add(isOf3 ? ResultHandler.basic(version) : ConfigHandler.detail(version));
    }
    return json;
  }
}
