package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.core.MalformedException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;

/** The open API's applications, clusters and namespaces. */
final class AppsApi {
  /** Of contents and drafts in one answer, which is several times as large. */
  private static final long MOST_BYTES = 16 << 20;

  private final Configs configs;
  private final Apps apps;
  private final Spellings spellings;
  private final Drafts drafts;
  private final ApolloOptions options;

  AppsApi(Configs configs, Apps apps, Spellings spellings, Drafts drafts, ApolloOptions options) {
    this.configs = configs;
    this.apps = apps;
    this.spellings = spellings;
    this.drafts = drafts;
    this.options = options;
  }

  /** Looks at the names of all configs, off the event loop. */
  private <T> CompletionStage<T> look(
      Predicate<ConfigKey> wanted, Function<List<ConfigKey>, T> as) {
    return CompletableFuture.supplyAsync(
        () ->
            as.apply(
                configs
                    .keys()
                    .filter(wanted)
                    .filter(key -> NamespaceName.ofConfig(key.name()).isPresent())
                    .toList()));
  }

  /** Applications: those of which something is said, and those that have a config. */
  void list(Call call) {
    Set<String> wanted = Set.of(call.asked.text("appIds").split(","));
    boolean all = call.asked.text("appIds").isEmpty();
    answer(call, app -> all || wanted.contains(app));
  }

  /** Those that who asks may publish for. */
  void authorized(Call call) {
    answer(call, app -> call.session.mayPublish(Call.application(app).topic()));
  }

  private void answer(Call call, Predicate<String> wanted) {
    Answers.later(
        call.exchange,
        look(
            key -> call.session.mayRead(key.topic()),
            keys -> {
              Map<String, App> found = new TreeMap<>();
              keys.forEach(key -> found.putIfAbsent(key.group(), App.named(key.group())));
              apps.all().stream()
                  .filter(app -> call.session.mayRead(Call.application(app.appId()).topic()))
                  .forEach(app -> found.put(app.appId(), app));
              return found;
            }),
        found -> {
          ArrayNode json = Answers.JSON.createArrayNode();
          found.values().stream()
              .filter(app -> wanted.test(app.appId()))
              .forEach(app -> json.add(json(app)));
          Answers.json(call.exchange, json);
        });
  }

  private static ObjectNode json(App app) {
    return Answers.JSON
        .createObjectNode()
        .put("name", app.name())
        .put("appId", app.appId())
        .put("orgId", app.orgId())
        .put("orgName", app.orgName())
        .put("ownerName", app.ownerName())
        .put("ownerEmail", app.ownerEmail());
  }

  /** The organisations of which applications are. */
  void organizations(Call call) {
    Map<String, String> found = new TreeMap<>();
    apps.all().stream()
        .filter(app -> !app.orgId().isEmpty())
        .filter(app -> call.session.mayRead(Call.application(app.appId()).topic()))
        .forEach(app -> found.put(app.orgId(), app.orgName()));
    ArrayNode json = Answers.JSON.createArrayNode();
    found.forEach((id, name) -> json.addObject().put("orgId", id).put("orgName", name));
    Answers.json(call.exchange, json);
  }

  /** A new application. */
  void create(Call call) {
    JsonNode given = call.body().path("app");
    String appId = given.path("appId").asText();
    ConfigKey key = Call.application(appId); // refuses a name that is not legal
    if (!call.mayPublish(key)) {
      return;
    }
    App app =
        new App(
            appId,
            given.path("name").asText(appId),
            given.path("orgId").asText(""),
            given.path("orgName").asText(""),
            given.path("ownerName").asText(""),
            given.path("ownerEmail").asText(""),
            List.of(),
            List.of());
    Answers.later(
        call.exchange,
        apps.create(app),
        made -> Answers.send(call.exchange, Answers.empty(200))); // the client reads no JSON here
  }

  private CompletionStage<Set<String>> clusters(Call call, String appId) {
    return look(
        key -> key.group().equals(appId) && call.session.mayRead(key.topic()),
        keys -> {
          Set<String> clusters = new TreeSet<>();
          clusters.add(Clusters.DEFAULT);
          keys.forEach(key -> clusters.add(Clusters.cluster(key.namespace())));
          apps.find(appId).ifPresent(app -> clusters.addAll(app.clusters()));
          return clusters;
        });
  }

  /** The one environment, and the clusters of an application in it. */
  void clusters(Call call) {
    String appId = call.path("app");
    if (!call.mayRead(Call.application(appId))) {
      return;
    }
    Answers.later(
        call.exchange,
        clusters(call, appId),
        clusters -> {
          ArrayNode json = Answers.JSON.createArrayNode();
          ArrayNode names = json.addObject().put("env", options.env()).putArray("clusters");
          clusters.forEach(names::add);
          Answers.json(call.exchange, json);
        });
  }

  /** One cluster. */
  void cluster(Call call) {
    String appId = call.path("app");
    String cluster = call.path("cluster");
    if (!call.mayRead(Call.application(appId))) {
      return;
    }
    Answers.later(
        call.exchange,
        clusters(call, appId),
        clusters -> {
          if (clusters.contains(cluster)) {
            Answers.json(call.exchange, json(appId, cluster));
          } else {
            Answers.error(
                call.exchange,
                404,
                "cluster: none of that name (expected: one of " + clusters + ")");
          }
        });
  }

  private static ObjectNode json(String appId, String cluster) {
    return Answers.JSON.createObjectNode().put("name", cluster).put("appId", appId);
  }

  /** A new cluster. */
  void createCluster(Call call) {
    String appId = call.path("app");
    String cluster = call.required("name");
    ConfigKey key = Asked.key(appId, cluster, NamespaceName.of("application"));
    if (Branch.isOne(cluster)) {
      throw new MalformedException("name: that of a branch (expected: another ending)");
    }
    if (call.mayPublish(key)) {
      Answers.later(
          call.exchange,
          apps.change(
              appId,
              app ->
                  app.clusters().contains(cluster)
                      ? Optional.empty()
                      : Optional.of(app.withCluster(cluster))),
          made -> Answers.json(call.exchange, json(appId, cluster)));
    }
  }

  /** A new namespace of an application, public or its own. */
  void createNamespace(Call call) {
    String appId = call.path("app");
    boolean isPublic = call.body().path("isPublic").asBoolean();
    boolean isPrefixed = isPublic && call.body().path("appendNamespacePrefix").asBoolean();
    String format = call.text("format").isEmpty() ? "properties" : call.text("format");
    String given = call.required("name");
    if (!call.mayPublish(Call.application(appId))) {
      return;
    }
    String orgId = apps.find(appId).map(App::orgId).orElse("");
    String prefixed = isPrefixed && !orgId.isEmpty() ? orgId + "." + given : given;
    String name =
        format.equals("properties") || prefixed.endsWith("." + format)
            ? prefixed
            : prefixed + "." + format;
    NamespaceName namespace = NamespaceName.of(name);
    Asked.key(appId, Clusters.DEFAULT, namespace); // refuses what is not legal
    if (isPublic && Places.isAlwaysOwn(namespace)) {
      Answers.error(
          call.exchange,
          400,
          "name: " + name + " is every application's own (expected: another, or isPublic false)");
      return;
    }
    String owner = isPublic ? apps.owner(namespace.config()) : null;
    if (owner != null && !owner.equals(appId)) {
      Answers.error(
          call.exchange,
          400,
          "name: " + name + " is public already, of " + owner + " (expected: another)");
      return;
    }
    App.Namespace made = new App.Namespace(namespace.shown(), isPublic, call.text("comment"));
    String author = call.author(call.text("dataChangeCreatedBy"));
    Answers.later(
        call.exchange,
        apps.change(
            appId,
            app -> {
              if (app.namespace(namespace.config()).isPresent()) {
                throw new MalformedException(
                    "name: " + name + " is there already (expected: another)");
              }
              return Optional.of(app.withNamespace(made));
            }),
        app ->
            Answers.json(
                call.exchange,
                Answers.JSON
                    .createObjectNode()
                    .put("name", namespace.shown())
                    .put("appId", appId)
                    .put("format", namespace.format())
                    .put("isPublic", isPublic)
                    .put("appendNamespacePrefix", isPrefixed)
                    .put("comment", made.comment())
                    .put("dataChangeCreatedBy", author)
                    .put("dataChangeLastModifiedBy", author)));
  }

  /** The namespaces of an application in a cluster, with their items. */
  void namespaces(Call call) {
    String appId = call.path("app");
    String cluster = call.path("cluster");
    String namespace = Clusters.namespace(cluster);
    boolean isFilled = !call.asked.text("fillItemDetail").equals("false");
    ConfigKey application = Asked.key(appId, cluster, NamespaceName.of("application"));
    if (!call.mayRead(application)) {
      return;
    }
    Answers.later(
        call.exchange,
        look(
                key ->
                    key.namespace().equals(namespace)
                        && key.group().equals(appId)
                        && call.session.mayRead(key.topic()),
                keys -> {
                  Set<ConfigKey> found = new TreeSet<>(keys);
                  found.add(application);
                  apps.find(appId)
                      .ifPresent(
                          app ->
                              app.namespaces().stream()
                                  .map(one -> NamespaceName.of(one.name()))
                                  .map(name -> Asked.key(appId, cluster, name))
                                  .filter(key -> call.session.mayRead(key.topic()))
                                  .filter(
                                      key ->
                                          found.stream()
                                              .noneMatch(
                                                  other ->
                                                      other.name().equalsIgnoreCase(key.name())))
                                  .forEach(found::add));
                  return found;
                })
            .thenCompose(
                keys -> described(keys.iterator(), isFilled, new ArrayList<>(), MOST_BYTES)),
        found -> {
          ArrayNode json = Answers.JSON.createArrayNode();
          found.forEach(json::add);
          Answers.json(call.exchange, json);
        });
  }

  /** One after the other, so that no more is held than may be answered. */
  private CompletionStage<List<ObjectNode>> described(
      Iterator<ConfigKey> keys, boolean isFilled, List<ObjectNode> into, long room) {
    if (!isFilled) {
      keys.forEachRemaining(key -> into.add(json(key, NamespaceName.of(key.name()))));
    }
    if (!keys.hasNext()) {
      return CompletableFuture.completedFuture(into);
    }
    ConfigKey key = keys.next();
    return Workspace.of(configs, drafts, key, NamespaceName.of(key.name()))
        .thenComposeAsync(
            workspace -> {
              long left = room - workspace.bytes();
              if (left < 0) {
                throw new MalformedException(
                    "fillItemDetail: the items are more than "
                        + (MOST_BYTES >> 20)
                        + " MiB (expected: false, or one namespace a call)");
              }
              into.add(json(key, workspace, true));
              return described(keys, true, into, left);
            });
  }

  private ObjectNode json(ConfigKey key, NamespaceName name) {
    Optional<App.Namespace> said = apps.find(key.group()).flatMap(app -> app.namespace(key.name()));
    ObjectNode json =
        Answers.JSON
            .createObjectNode()
            .put("appId", key.group())
            .put("clusterName", Clusters.cluster(key.namespace()))
            .put("namespaceName", name.shown())
            .put("comment", said.map(App.Namespace::comment).orElse(""))
            .put("format", name.format())
            .put("isPublic", said.map(App.Namespace::isPublic).orElse(false));
    json.putArray("items");
    return json;
  }

  private ObjectNode json(ConfigKey key, Workspace workspace, boolean isFilled) {
    ObjectNode json = json(key, workspace.name());
    if (isFilled) {
      ArrayNode items = json.withArray("items");
      workspace.edited().all().forEach(item -> items.add(workspace.json(item)));
    }
    return json;
  }

  /** One namespace with its items. */
  void namespace(Call call) {
    ConfigKey key = spellings.of(call.key());
    NamespaceName name = call.namespace();
    boolean isFilled = !call.asked.text("fillItemDetail").equals("false");
    if (!call.mayRead(key)) {
      return;
    }
    Answers.later(
        call.exchange,
        Workspace.of(configs, drafts, key, name),
        workspace -> {
          boolean isKnown =
              workspace.latest() != null
                  || !workspace.draft().edits().isEmpty()
                  || name.shown().equalsIgnoreCase("application")
                  || apps.find(key.group()).flatMap(app -> app.namespace(key.name())).isPresent();
          if (isKnown) {
            Answers.json(call.exchange, json(key, workspace, isFilled));
          } else {
            Answers.error(call.exchange, 404, "namespace: none of that name (expected: one)");
          }
        });
  }

  /** Nobody locks a namespace: who comes second is told at his release. */
  void lock(Call call) {
    Answers.json(
        call.exchange,
        Answers.JSON
            .createObjectNode()
            .put("namespaceName", call.namespace().shown())
            .put("isLocked", false)
            .putNull("lockedBy"));
  }
}
