package io.posthaste.door.apollo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Instance;
import io.posthaste.config.Shown;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.server.Exchange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code GET /configs} and {@code /configfiles}: what an instance sees of a namespace. */
final class ConfigHandler {
  static final String CONFIGS = "/configs/";
  static final String FILES = "/configfiles/";
  static final String JSON_FILES = "/configfiles/json/";
  static final String RAW_FILES = "/configfiles/raw/";

  private final Configs configs;
  private final Apps apps;
  private final Spellings spellings;
  private final ApolloOptions options;
  private final AnswerCache cache;

  ConfigHandler(
      Configs configs, Apps apps, Spellings spellings, ApolloOptions options, AnswerCache cache) {
    this.configs = configs;
    this.apps = apps;
    this.spellings = spellings;
    this.options = options;
    this.cache = cache;
  }

  /** What a request asks for, before it is looked up. */
  private record Wanted(String appId, NamespaceName name, Places places, Instance instance) {}

  /** A body, and what it is. */
  private record Answer(String contentType, byte[] body) {}

  private @Nullable Wanted wanted(Exchange exchange, Session session, String prefix) {
    Asked asked = new Asked(exchange);
    List<String> path = asked.path(prefix, 3);
    String appId = path.get(0);
    NamespaceName name = NamespaceName.of(path.get(2));
    Places places = Places.of(apps, appId, path.get(1), asked.text("dataCenter"), name);
    for (ConfigKey key : places.all()) {
      Topic topic = key.topic();
      if (!session.mayRead(topic)) {
        Answers.forbid(exchange, session, "read on", topic);
        return null;
      }
    }
    return new Wanted(appId, name, places, asked.instance(appId));
  }

  /** {@code /configs/{appId}/{cluster}/{namespace}}. */
  void config(Exchange exchange, Session session) {
    Wanted wanted = wanted(exchange, session, CONFIGS);
    if (wanted == null) {
      return;
    }
    Asked asked = new Asked(exchange);
    String had = asked.text("releaseKey");
    Later.on(
        exchange,
        heard(asked.text("messages"), session).thenCompose(heard -> config(wanted, had)),
        answer -> {
          if (answer.isEmpty()) {
            Answers.error(
                exchange, 404, "there is no such config (expected: one that is released)");
          } else if (answer.get().body().length == 0) {
            Answers.send(exchange, Answers.empty(304));
          } else {
            Answers.send(
                exchange, Answers.response(200, answer.get().contentType(), answer.get().body()));
          }
        });
  }

  /** An empty body stands for what the client has. */
  private CompletionStage<Optional<Answer>> config(Wanted wanted, String had) {
    List<Places.Found> found = wanted.places().find(configs, spellings, wanted.instance());
    if (found.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    List<String> ids = found.stream().map(one -> one.sight().id().toString()).toList();
    if (String.join("+", ids).equals(had)) {
      return CompletableFuture.completedFuture(
          Optional.of(new Answer(Answers.JSON_TYPE, new byte[0])));
    }
    boolean isIncremental = !had.isEmpty() && options.isIncremental(wanted.appId());
    String form = isIncremental ? "config since " + had : "config";
    return cache
        .get(
            new AnswerCache.Key(form, wanted.appId(), wanted.name().asked(), ids),
            () ->
                load(wanted, found)
                    .thenCompose(
                        content ->
                            isIncremental
                                ? changes(wanted.appId(), content, had)
                                : CompletableFuture.completedFuture(content.whole(wanted.appId()))))
        .thenApply(body -> Optional.of(new Answer(Answers.JSON_TYPE, body)));
  }

  /** What has changed since a state, if the versions of that are still there; else all. */
  private CompletionStage<byte[]> changes(String appId, Content content, String had) {
    List<ConfigVersion> versions = content.versions();
    List<CompletableFuture<Optional<ConfigVersion>>> old = new ArrayList<>();
    try {
      List<Id> ids = Arrays.stream(had.split("\\+")).map(Id::parse).toList();
      for (int i = 0; i < versions.size() && ids.size() == versions.size(); i++) {
        old.add(configs.version(versions.get(i).key(), ids.get(i)).toCompletableFuture());
      }
    } catch (MalformedException e) {
      return CompletableFuture.completedFuture(content.whole(appId)); // not one of our keys
    }
    return CompletableFuture.allOf(old.toArray(CompletableFuture[]::new))
        .thenApply(
            all -> {
              List<ConfigVersion> before =
                  old.stream().flatMap(one -> one.join().stream()).toList();
              return before.size() == versions.size()
                  ? content.changes(appId, new Content(content.name(), before))
                  : content.whole(appId);
            });
  }

  /** Reads versions, or newer ones. */
  private CompletionStage<Content> load(Wanted wanted, List<Places.Found> found) {
    CompletableFuture<List<ConfigVersion>> versions = CompletableFuture.completedFuture(List.of());
    for (Places.Found one : found) {
      versions =
          versions.thenCombine(
              configs.get(one.key(), wanted.instance()),
              (before, shown) -> {
                List<ConfigVersion> more = new ArrayList<>(before);
                shown.map(Shown::version).ifPresent(more::add);
                return more;
              });
    }
    return versions.thenApply(
        all -> {
          if (all.isEmpty()) {
            throw new LogException("the config was deleted between the look and the reading");
          }
          return new Content(wanted.name(), all);
        });
  }

  /**
   * Sees to it that what a client was told of is known here too: it may have been told by another
   * node that hears sooner.
   *
   * @param messages {@code {"details":{"app+cluster+namespace":number}}}, or nothing
   */
  private CompletionStage<?> heard(String messages, Session session) {
    List<CompletableFuture<?>> reads = new ArrayList<>();
    if (!messages.isEmpty()) {
      try {
        JsonNode details = Answers.JSON.readTree(messages).path("details");
        details
            .properties()
            .forEach(
                detail -> {
                  String[] parts = detail.getKey().split("\\+", -1);
                  if (parts.length == 3 && reads.size() < 8) {
                    ConfigKey asked = Asked.key(parts[0], parts[1], NamespaceName.of(parts[2]));
                    ConfigKey there = spellings.find(asked);
                    ConfigKey key = there == null ? asked : there;
                    if (session.mayRead(key.topic())
                        && spellings.stamp(Spellings.fold(key)) < detail.getValue().asLong()) {
                      reads.add(configs.get(key).toCompletableFuture());
                    }
                  }
                });
      } catch (JsonProcessingException e) {
        throw new MalformedException("messages: not valid JSON (expected: an object)");
      }
    }
    return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new));
  }

  /** {@code /configfiles/{appId}/{cluster}/{namespace}}. */
  void file(Exchange exchange, Session session) {
    file(exchange, session, FILES, Answers.TEXT_TYPE, Content::properties);
  }

  /** {@code /configfiles/json/…}. */
  void jsonFile(Exchange exchange, Session session) {
    file(exchange, session, JSON_FILES, Answers.JSON_TYPE, Content::json);
  }

  /** {@code /configfiles/raw/…}: as text, that no browser runs what somebody published. */
  void rawFile(Exchange exchange, Session session) {
    file(exchange, session, RAW_FILES, Answers.TEXT_TYPE, Content::raw);
  }

  private void file(
      Exchange exchange,
      Session session,
      String prefix,
      String contentType,
      Function<Content, byte[]> form) {
    Wanted wanted = wanted(exchange, session, prefix);
    if (wanted == null) {
      return;
    }
    List<Places.Found> found = wanted.places().find(configs, spellings, wanted.instance());
    if (found.isEmpty()) {
      Answers.send(exchange, Answers.empty(404));
      return;
    }
    List<String> ids = found.stream().map(one -> one.sight().id().toString()).toList();
    Later.on(
        exchange,
        cache.get(
            new AnswerCache.Key(prefix, wanted.appId(), wanted.name().asked(), ids),
            () -> load(wanted, found).thenApply(form)),
        body -> Answers.send(exchange, Answers.response(200, contentType, body)));
  }
}
