package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.config.AudiencePage;
import io.posthaste.config.AudienceQuery;
import io.posthaste.config.ConfigChange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.core.MalformedException;
import io.posthaste.core.NodePlace;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code …/instances}: who listens to a config, and which version each has; {@code …/propagation}:
 * how its latest versions spread. Both are told to those who may publish it.
 */
final class InstancesResource {
  private static final Set<String> KNOWN = Set.of("after", "limit", "behind");
  private static final int DEFAULT_LIMIT = 100;

  private final Configs configs;

  InstancesResource(Configs configs) {
    this.configs = configs;
  }

  /** Who listens. */
  void instances(Exchange exchange, Session session, ConfigKey key, List<String> rest) {
    check(exchange, rest);
    Parameters given = Parameters.of(exchange.request(), KNOWN);
    String after = given.one("after");
    int limit = given.number("limit", DEFAULT_LIMIT);
    if (limit == 0) {
      throw new MalformedException("limit: 0 (expected: 1 to " + AudienceQuery.MAX_LIMIT + ")");
    }
    find(
        exchange,
        session,
        new AudienceQuery(
            key,
            "",
            isTrue(given.one("behind")),
            after == null ? null : NodePlace.parse(after),
            limit),
        true);
  }

  private static boolean isTrue(@Nullable String behind) {
    if (behind == null || behind.equals("true") || behind.equals("false")) {
      return "true".equals(behind);
    }
    throw new MalformedException(
        "behind: " + MalformedException.quote(behind) + " (expected: true or false)");
  }

  /** How it spread. */
  void propagation(Exchange exchange, Session session, ConfigKey key, List<String> rest) {
    check(exchange, rest);
    Parameters.of(exchange.request(), Set.of());
    find(exchange, session, AudienceQuery.of(key, 0), false);
  }

  private static void check(Exchange exchange, List<String> rest) {
    String method = exchange.request().method();
    if (!rest.isEmpty() || !method.equals("GET") && !method.equals("HEAD")) {
      throw new MalformedException(
          "path: nothing is there for " + method + " (expected: GET …/instances or …/propagation)");
    }
  }

  private void find(
      Exchange exchange, Session session, AudienceQuery query, boolean isOfInstances) {
    ConfigKey key = Objects.requireNonNull(query.key());
    if (!session.mayAdminister() && !session.mayPublish(key.topic())) {
      Answers.problem(exchange, Refusal.unpublishable(session, key.topic()));
      return;
    }
    if (configs.audience().isBusy()) {
      Answers.problem(exchange, Refusal.busy("too many ask (expected: a retry later)"));
      return;
    }
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        found(query, isOfInstances),
        found ->
            Answers.json(
                exchange,
                200,
                Map.of(),
                out -> {
                  if (isOfInstances) {
                    AudienceJson.instances(out, key, found.page, found.history, query.after());
                  } else {
                    AudienceJson.propagation(out, key, found.page);
                  }
                }),
        refusal -> Answers.problem(exchange, refusal));
  }

  /** What was found, and the config's versions where somebody has another than the latest. */
  private record Found(AudiencePage page, List<ConfigChange> history) {}

  private CompletionStage<Found> found(AudienceQuery query, boolean isOfInstances) {
    ConfigKey key = Objects.requireNonNull(query.key());
    return configs
        .audience()
        .find(query)
        .thenCompose(
            page ->
                isOfInstances && page.behind() > 0
                    ? configs.history(key).thenApply(history -> new Found(page, history))
                    : CompletableFuture.completedFuture(new Found(page, List.of())));
  }
}
