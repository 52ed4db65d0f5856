package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Gap;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.Shard;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The applications of which something is said, each a message {@code $apollo/app/{appId}}, kept at
 * hand by one reader. Thread-safe.
 */
final class Apps implements Receiver, AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Apps.class);
  private static final String PREFIX = "$apollo/app/";
  private static final long RETRY_MILLIS = 1_000;
  private static final int TRIES = 16;

  private record Known(long sequence, App app) {}

  private final Hub hub;
  private final Shard shard;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  /** Which application has a public namespace, by the lower case of its config's name. */
  private volatile Map<String, String> owners = Map.of();

  private volatile boolean ready;
  private @Nullable Reader reader; // the shard's, as is
  private boolean closed;

  Apps(Hub hub) {
    this.hub = hub;
    this.shard = hub.shards().get(0);
    shard.loop().execute(this::follow);
  }

  private void follow() {
    if (!closed) {
      List<TopicPattern> topics = List.of(new TopicPattern(PREFIX + "#"));
      reader = shard.subscribe(new Subscription(topics, Start.BEGINNING, true), this);
    }
  }

  /** Whether all are known. */
  boolean isReady() {
    return ready;
  }

  /** One; empty if nothing is said of it. */
  Optional<App> find(String appId) {
    return Optional.ofNullable(known.get(appId)).map(Known::app);
  }

  /** All, by id. */
  List<App> all() {
    return known.values().stream()
        .map(Known::app)
        .sorted(Comparator.comparing(App::appId))
        .toList();
  }

  /** The application whose public namespace that config name is; null if it is nobody's. */
  @Nullable String owner(String configName) {
    Map<String, String> now = owners;
    return now.isEmpty() ? null : now.get(configName.toLowerCase(Locale.ROOT));
  }

  /**
   * Changes what is said of one, whoever changes it at the same time.
   *
   * @param edit from what is said, or of which nothing is; empty for no change
   * @return as it stands then; fails with a {@link LogException} if the log cannot take it
   */
  CompletionStage<App> change(String appId, Function<App, Optional<App>> edit) {
    return change(appId, before -> edit.apply(before.orElseGet(() -> App.named(appId))), TRIES);
  }

  /**
   * Says of an application for the first time what is to be said.
   *
   * @return as it stands then; fails with a {@link MalformedException} if something is said of it
   *     already
   */
  CompletionStage<App> create(App app) {
    return change(
        app.appId(),
        before -> {
          if (before.isPresent()) {
            throw new MalformedException(
                "appId: " + app.appId() + " is there (expected: a new one)");
          }
          return Optional.of(app);
        },
        TRIES);
  }

  private CompletionStage<App> change(
      String appId, Function<Optional<App>, Optional<App>> edit, int tries) {
    Topic topic = new Topic(PREFIX + appId);
    return hub.latest(topic)
        .thenCompose(
            latest -> {
              Optional<App> before = latest.flatMap(Apps::read);
              Optional<App> after = edit.apply(before);
              if (after.isEmpty()) {
                return CompletableFuture.completedFuture(before.orElseGet(() -> App.named(appId)));
              }
              Condition unchanged =
                  latest
                      .<Condition>map(m -> new Condition.LatestIs(Id.of(hub.epoch(), m)))
                      .orElse(Condition.ABSENT);
              Payload json = Payload.wrap(write(after.get()));
              return hub.publish(Append.of(topic, "application/json", json).when(unchanged))
                  .thenCompose(
                      outcome -> {
                        if (outcome instanceof Appended.Stored stored) {
                          learn(stored.id().sequence(), after.get());
                          findOwners();
                          return CompletableFuture.completedFuture(after.get());
                        }
                        if (outcome instanceof Appended.ConditionFailed && tries > 1) {
                          return change(appId, edit, tries - 1);
                        }
                        return CompletableFuture.failedFuture(
                            new LogException("the application cannot be changed now"));
                      });
            });
  }

  private void learn(long sequence, App app) {
    Known news = new Known(sequence, app);
    known.merge(app.appId(), news, (old, other) -> old.sequence >= sequence ? old : other);
  }

  private synchronized void findOwners() {
    Map<String, String> found = new HashMap<>();
    for (App one : all()) {
      for (App.Namespace namespace : one.namespaces()) {
        if (namespace.isPublic()) {
          String name = NamespaceName.of(namespace.name()).config().toLowerCase(Locale.ROOT);
          found.putIfAbsent(name, one.appId());
        }
      }
    }
    owners = found;
  }

  private static byte[] write(App app) {
    ObjectNode json =
        Answers.JSON
            .createObjectNode()
            .put("appId", app.appId())
            .put("name", app.name())
            .put("orgId", app.orgId())
            .put("orgName", app.orgName())
            .put("ownerName", app.ownerName())
            .put("ownerEmail", app.ownerEmail());
    ArrayNode clusters = json.putArray("clusters");
    app.clusters().forEach(clusters::add);
    ArrayNode namespaces = json.putArray("namespaces");
    for (App.Namespace namespace : app.namespaces()) {
      namespaces
          .addObject()
          .put("name", namespace.name())
          .put("isPublic", namespace.isPublic())
          .put("comment", namespace.comment());
    }
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Optional<App> read(Message message) {
    try {
      JsonNode json = Answers.JSON.readTree(message.payload().toByteArray());
      List<String> clusters = new ArrayList<>();
      json.path("clusters").forEach(one -> clusters.add(one.asText()));
      List<App.Namespace> namespaces = new ArrayList<>();
      json.path("namespaces")
          .forEach(
              one ->
                  namespaces.add(
                      new App.Namespace(
                          one.path("name").asText(),
                          one.path("isPublic").asBoolean(),
                          one.path("comment").asText())));
      return Optional.of(
          new App(
              message.topic().name().substring(PREFIX.length()),
              json.path("name").asText(),
              json.path("orgId").asText(),
              json.path("orgName").asText(),
              json.path("ownerName").asText(),
              json.path("ownerEmail").asText(),
              clusters,
              namespaces));
    } catch (IOException e) {
      return Optional.empty(); // nobody but a server writes these
    }
  }

  @Override
  public boolean isServersOwn() {
    return true;
  }

  @Override
  public boolean onMessage(Reader reader, Message message) {
    if (!message.deleted()) {
      read(message).ifPresent(app -> learn(message.sequence(), app));
    }
    return true;
  }

  @Override
  public void onMissed(Reader reader, List<Gap> gaps) {
    // A reader of the latest only has missed nothing that it wants.
  }

  @Override
  public void onBatchEnd(Reader reader, boolean caughtUp) {
    findOwners();
    ready |= caughtUp;
  }

  @Override
  public void onFailed(Reader reader, LogException failure) {
    ready = false;
    if (!closed) {
      LOGGER.debug("applications cannot be followed, is tried again why={}", failure.getMessage());
      try {
        shard.loop().schedule(this::follow, RETRY_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException ended) {
        LOGGER.debug("the loop has ended");
      }
    }
  }

  @Override
  public void close() {
    try {
      shard
          .loop()
          .execute(
              () -> {
                closed = true;
                ready = false;
                if (reader != null) {
                  reader.close();
                }
              });
    } catch (RejectedExecutionException ended) {
      LOGGER.debug("the loop has ended");
    }
  }
}
