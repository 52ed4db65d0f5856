package io.posthaste.door.apollo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Instance;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code GET /configs} and {@code /configfiles}: what an instance sees of a namespace. */
final class ConfigHandler {
  static final String CONFIGS = "/configs/";
  static final String FILES = "/configfiles/";
  static final String JSON_FILES = "/configfiles/json/";
  static final String RAW_FILES = "/configfiles/raw/";

  /** How often what is seen may change while it is read. */
  private static final int TRIES = 16;

  private final Configs configs;
  private final Apps apps;
  private final Spellings spellings;
  private final Callers callers;
  private final ApolloOptions options;
  private final AnswerCache cache;
  private final ContentReader reader;

  ConfigHandler(
      Configs configs,
      Apps apps,
      Spellings spellings,
      Callers callers,
      ApolloOptions options,
      AnswerCache cache) {
    this.configs = configs;
    this.apps = apps;
    this.spellings = spellings;
    this.callers = callers;
    this.options = options;
    this.cache = cache;
    this.reader = new ContentReader(configs);
  }

  /**
   * What a request asks for, before it is looked up.
   *
   * @param had the versions that the client says to have; empty if none that can be ours
   */
  private record Wanted(
      String appId,
      NamespaceName name,
      Places places,
      Callers.Name caller,
      Instance instance,
      List<Id> had,
      Session session) {
    List<Places.Found> find(Configs configs, Spellings spellings) {
      return places.find(configs, spellings, instance, key -> session.mayRead(key.topic()));
    }
  }

  /** Which answer is made of a content. */
  private record Form(String name, Function<Content, CompletionStage<byte[]>> body) {
    static Form of(String name, Function<Content, byte[]> body) {
      return new Form(name, body.andThen(CompletableFuture::completedFuture));
    }
  }

  private @Nullable Wanted wanted(Exchange exchange, Session session, String prefix) {
    Asked asked = new Asked(exchange);
    List<String> path = asked.path(prefix, 3);
    String appId = path.get(0);
    NamespaceName name = NamespaceName.of(path.get(2));
    Places places = Places.of(apps, appId, path.get(1), asked.text("dataCenter"), name);
    for (ConfigKey key : places.own()) {
      Topic topic = key.topic();
      if (!session.mayRead(topic)) {
        Answers.forbid(exchange, session, "read on", topic);
        return null;
      }
    }
    return new Wanted(
        appId,
        name,
        places,
        asked.caller(appId, path.get(1)),
        asked.instance(appId),
        parse(asked.text("releaseKey")),
        session);
  }

  /** {@code /configs/{appId}/{cluster}/{namespace}}. */
  void config(Exchange exchange, Session session) {
    Wanted wanted = wanted(exchange, session, CONFIGS);
    if (wanted == null) {
      return;
    }
    Asked asked = new Asked(exchange);
    String had = asked.text("releaseKey");
    Answers.later(
        exchange,
        heard(asked.text("messages"), session).thenCompose(heard -> config(wanted, had)),
        answer -> {
          if (answer.isEmpty()) {
            Answers.error(
                exchange, 404, "there is no such config (expected: one that is released)");
          } else if (answer.get().length == 0) {
            Answers.send(exchange, Answers.empty(304));
          } else {
            Answers.send(exchange, Answers.response(200, Answers.JSON_TYPE, answer.get()));
          }
        });
  }

  /** An empty body stands for what the client has. */
  private CompletionStage<Optional<byte[]>> config(Wanted wanted, String had) {
    List<Places.Found> found = wanted.find(configs, spellings);
    if (!found.isEmpty() && String.join("+", ids(found)).equals(had)) {
      saw(wanted, found);
      return CompletableFuture.completedFuture(Optional.of(new byte[0]));
    }
    List<Id> before = options.isIncremental(wanted.appId()) ? wanted.had() : List.of();
    return answer(
        wanted,
        before.isEmpty()
            ? Form.of("config", content -> content.whole(wanted.appId()))
            : new Form("config since " + had, content -> changes(wanted.appId(), content, before)),
        TRIES);
  }

  private void saw(Wanted wanted, List<Places.Found> found) {
    callers.saw(wanted.caller(), wanted.instance(), wanted.places(), found, wanted.had());
  }

  private static List<String> ids(List<Places.Found> found) {
    return found.stream().map(one -> one.sight().id().toString()).toList();
  }

  /** The versions that a client says to have; empty if that is not one of our keys. */
  private static List<Id> parse(String releaseKey) {
    try {
      return Arrays.stream(releaseKey.split("\\+")).map(Id::parse).toList();
    } catch (MalformedException e) {
      return List.of();
    }
  }

  /** An answer made of what is seen, or of what is seen then if that changes while it is read. */
  private CompletionStage<Optional<byte[]>> answer(Wanted wanted, Form form, int tries) {
    List<Places.Found> found = wanted.find(configs, spellings);
    if (found.isEmpty()) {
      if (wanted.session().isSuspended()) { // nobody is told then that a config is not there
        return CompletableFuture.failedFuture(new LogException("who may what cannot be known now"));
      }
      saw(wanted, found);
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return cache
        .get(
            new AnswerCache.Key(form.name(), wanted.appId(), wanted.name().asked(), ids(found)),
            () ->
                reader
                    .read(wanted.name(), found, wanted.instance())
                    .thenCompose(content -> form.body().apply(content)))
        .handle(
            (body, failure) -> {
              if (failure == null) {
                saw(wanted, found);
                return CompletableFuture.completedFuture(Optional.of(body));
              }
              if (!ContentReader.isOutdated(failure)) {
                return CompletableFuture.<Optional<byte[]>>failedFuture(failure);
              }
              return tries > 1
                  ? answer(wanted, form, tries - 1)
                  : CompletableFuture.<Optional<byte[]>>failedFuture(
                      new LogException("a config goes on changing while it is read"));
            })
        .thenCompose(Function.identity());
  }

  /** What has changed since a state, if the versions of that are still there; else all. */
  private CompletionStage<byte[]> changes(String appId, Content content, List<Id> had) {
    List<ConfigVersion> versions = content.versions();
    if (had.size() != versions.size()) {
      return CompletableFuture.completedFuture(content.whole(appId));
    }
    List<CompletableFuture<Optional<ConfigVersion>>> old = new ArrayList<>();
    for (int i = 0; i < had.size(); i++) {
      old.add(configs.version(versions.get(i).key(), had.get(i)).toCompletableFuture());
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
                    Predicate<ConfigKey> mayRead = any -> session.mayRead(any.topic());
                    ConfigKey there = spellings.find(asked, mayRead);
                    ConfigKey key = there == null ? asked : there;
                    if (mayRead.test(key)
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
    Answers.later(
        exchange,
        answer(wanted, Form.of(prefix, form), TRIES),
        body ->
            Answers.send(
                exchange,
                body.isEmpty()
                    ? Answers.empty(404)
                    : Answers.response(200, contentType, body.get())));
  }
}
