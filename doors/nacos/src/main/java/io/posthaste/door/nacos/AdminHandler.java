package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.server.Exchange;
import io.posthaste.server.PublishRate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What {@code /v3/admin/cs/config} does with several configs, which it names by the numbers that
 * lists give them. A number is that of a version: once another has come, it names nothing.
 */
final class AdminHandler {
  static final int MAX_CLONE_BYTES = 1 << 20;
  private static final int MOST = 1_000;

  private final Configs configs;
  private final PublishRate rate;

  AdminHandler(Configs configs, PublishRate rate) {
    this.configs = configs;
    this.rate = rate;
  }

  /** {@code DELETE …/batch?ids=1,2}: all of them, or none if one of them is no more what it was. */
  void delete(Exchange exchange, Session session) {
    List<Long> ids = new ArrayList<>();
    for (String id : Parameters.of(exchange.request()).required("ids").split(",", -1)) {
      ids.add(number(id.strip()));
    }
    limit(ids.size());
    if (mayNow(exchange, session, ids.size())) {
      ConfigAttributes who = who(exchange, session, "");
      Answers.later(
          exchange,
          latest(ids).thenCompose(found -> delete(exchange, session, ids, found, who)),
          Runnable::run);
    }
  }

  /** Deletes these, if all may be. What it gives answers. */
  private CompletionStage<Runnable> delete(
      Exchange exchange,
      Session session,
      List<Long> ids,
      List<Optional<Latest>> found,
      ConfigAttributes who) {
    for (int i = 0; i < ids.size(); i++) {
      if (found.get(i).isEmpty()) {
        return done(() -> outdated(exchange, "ids"));
      }
      Topic topic = found.get(i).get().key().topic();
      if (!session.mayPublish(topic)) {
        return done(() -> Sessions.forbid(exchange, session, "publish on", topic));
      }
    }
    return deleteAll(found.stream().flatMap(Optional::stream).toList(), who)
        .thenApply(outcome -> () -> Answers.changed(exchange, outcome));
  }

  private static CompletionStage<Runnable> done(Runnable answer) {
    return CompletableFuture.completedFuture(answer);
  }

  private static void outdated(Exchange exchange, String what) {
    Answers.text(
        exchange, 409, what + ": one is of no config now (expected: numbers of a new list)");
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new MalformedException(
          "ids: " + MalformedException.quote(text) + " (expected: numbers of a list)");
    }
  }

  private static void limit(int count) {
    if (count == 0 || count > MOST) {
      throw new MalformedException(count + " configs (expected: 1 to " + MOST + " at once)");
    }
  }

  private boolean mayNow(Exchange exchange, Session session, int count) {
    return rate.admits(
        exchange, session, count, wait -> Answers.text(exchange, 429, PublishRate.refusal(wait)));
  }

  private static ConfigAttributes who(Exchange exchange, Session session, String said) {
    return ConfigAttributes.NONE.by(session.author(said), exchange.client().getHostAddress(), "");
  }

  /** A version that is the latest of its config, without its content. */
  private record Latest(ConfigKey key, Id id) {}

  /**
   * Those whose latest versions have these numbers, in their order; empty where none has. One after
   * the other is read, as contents may be large.
   */
  private CompletionStage<List<Optional<Latest>>> latest(List<Long> ids) {
    CompletionStage<List<Optional<Latest>>> all =
        CompletableFuture.completedFuture(new ArrayList<>());
    for (long id : ids) {
      all =
          all.thenCompose(
              found ->
                  latest(configs.idOf(id))
                      .thenApply(
                          one -> {
                            found.add(one);
                            return found;
                          }));
    }
    return all;
  }

  private CompletionStage<Optional<Latest>> latest(Id id) {
    return configs
        .version(id)
        .thenCompose(
            old ->
                old.isEmpty()
                    ? CompletableFuture.completedFuture(Optional.empty())
                    : configs
                        .get(old.get().key())
                        .thenApply(
                            now ->
                                now.filter(version -> version.id().equals(id))
                                    .map(version -> new Latest(version.key(), id))));
  }

  private CompletionStage<Changed> deleteAll(List<Latest> all, ConfigAttributes who) {
    CompletionStage<Changed> outcome =
        CompletableFuture.completedFuture(new Changed.AbsentAlready());
    for (Latest version : all) {
      outcome =
          outcome.thenCompose(
              before ->
                  before instanceof Changed.Done || before instanceof Changed.AbsentAlready
                      ? configs.remove(version.key(), who, new Expected.Version(version.id()))
                      : CompletableFuture.completedFuture(before));
    }
    return outcome;
  }

  /** What is done with one that is there already under the name of a clone. */
  private enum SameConfig {
    ABORT,
    SKIP,
    OVERWRITE;

    static SameConfig of(String text) {
      for (SameConfig policy : values()) {
        if (policy.name().equals(text)) {
          return policy;
        }
      }
      if (text.isEmpty()) {
        return ABORT;
      }
      throw new MalformedException(
          "policy: " + MalformedException.quote(text) + " (expected: ABORT, SKIP or OVERWRITE)");
    }
  }

  /** One that is cloned: the number of its version, and by which name. */
  private record Clone(long id, String group, String name) {
    static List<Clone> parse(Exchange exchange) {
      JsonNode json;
      try {
        String body = exchange.request().body().toString(StandardCharsets.UTF_8);
        json = Answers.JSON.readTree(body);
      } catch (IOException e) {
        throw new MalformedException("body: no JSON (expected: [{\"configId\":…},…])");
      }
      if (json == null || !json.isArray()) {
        throw new MalformedException("body: no list (expected: [{\"configId\":…},…])");
      }
      List<Clone> all = new ArrayList<>();
      for (JsonNode one : json) {
        JsonNode id = one.path("configId");
        if (!id.canConvertToLong()) {
          throw new MalformedException("configId: missing (expected: a number of a list)");
        }
        all.add(
            new Clone(
                id.asLong(),
                one.path("targetGroupName").asText(""),
                one.path("targetDataId").asText("")));
      }
      return all;
    }

    ConfigKey key(String namespace, ConfigKey source) {
      return new ConfigKey(
          namespace,
          group.isEmpty() || group.equals("null") ? source.group() : group,
          name.isEmpty() || name.equals("null") ? source.name() : name);
    }
  }

  /** What has come of a clone so far. */
  private static final class Count {
    int done;
    final ArrayNode skipped = Answers.JSON.createArrayNode();
    final ArrayNode failed = Answers.JSON.createArrayNode();
    boolean isOver;

    ObjectNode json() {
      ObjectNode json =
          Answers.JSON.createObjectNode().put("succCount", done).put("skipCount", skipped.size());
      json.set("skipData", skipped);
      json.set("failData", failed);
      return json;
    }

    private static ObjectNode row(ConfigKey key) {
      return Answers.JSON.createObjectNode().put("dataId", key.name()).put("group", key.group());
    }
  }

  /** {@code POST …/clone}: publishes some of a namespace's configs in another. */
  void clone(Exchange exchange, Session session) {
    Parameters given = Parameters.beside(exchange.request());
    String namespace = given.either("namespaceId", "targetNamespaceId");
    SameConfig policy = SameConfig.of(given.text("policy"));
    List<Clone> clones = Clone.parse(exchange);
    limit(clones.size());
    if (mayNow(exchange, session, clones.size())) {
      ConfigAttributes who = who(exchange, session, given.text("srcUser", 128));
      Answers.later(
          exchange,
          latest(clones.stream().map(Clone::id).toList())
              .thenCompose(
                  found -> clone(exchange, session, namespace, policy, clones, found, who)),
          Runnable::run);
    }
  }

  /** Clones these, if all may be. What it gives answers. */
  private CompletionStage<Runnable> clone(
      Exchange exchange,
      Session session,
      String namespace,
      SameConfig policy,
      List<Clone> clones,
      List<Optional<Latest>> found,
      ConfigAttributes who) {
    List<ConfigKey> targets = new ArrayList<>();
    List<Latest> sources = new ArrayList<>();
    for (int i = 0; i < clones.size(); i++) {
      if (found.get(i).isEmpty()) {
        return done(() -> outdated(exchange, "configId"));
      }
      Latest source = found.get(i).get();
      ConfigKey target = clones.get(i).key(namespace, source.key());
      if (!session.mayRead(source.key().topic())) {
        return done(() -> Sessions.forbid(exchange, session, "read on", source.key().topic()));
      }
      if (!session.mayPublish(target.topic())) {
        return done(() -> Sessions.forbid(exchange, session, "publish on", target.topic()));
      }
      sources.add(source);
      targets.add(target);
    }
    CompletionStage<Count> count = CompletableFuture.completedFuture(new Count());
    for (int i = 0; i < sources.size(); i++) {
      Latest source = sources.get(i);
      ConfigKey target = targets.get(i);
      count =
          count.thenCompose(
              so ->
                  so.isOver
                      ? CompletableFuture.completedFuture(so)
                      : copy(source, target, policy, who, so));
    }
    return count.thenApply(so -> () -> Results.ok(exchange, so.json()));
  }

  private CompletionStage<Count> copy(
      Latest source, ConfigKey target, SameConfig policy, ConfigAttributes who, Count so) {
    Expected expected = policy == SameConfig.OVERWRITE ? Expected.ANYTHING : Expected.ABSENT;
    return configs
        .version(source.key(), source.id())
        .thenCompose(
            found ->
                found.isEmpty()
                    ? CompletableFuture.completedFuture(new Changed.NoSuchVersion())
                    : publish(found.get(), target, who, expected))
        .thenApply(
            outcome -> {
              if (outcome instanceof Changed.Done) {
                so.done++;
              } else if (outcome instanceof Changed.Conflict && policy == SameConfig.SKIP) {
                so.skipped.add(Count.row(target));
              } else {
                so.failed.add(Count.row(target));
                so.isOver = policy == SameConfig.ABORT;
              }
              return so;
            });
  }

  private CompletionStage<Changed> publish(
      ConfigVersion source, ConfigKey target, ConfigAttributes who, Expected expected) {
    ConfigAttributes attributes =
        source.attributes().by(who.author(), who.address(), "clone of " + source.key());
    return configs.publish(target, source.content(), attributes, expected);
  }
}
