package io.posthaste.door.apollo;

import io.posthaste.access.Session;
import io.posthaste.config.Configs;
import io.posthaste.core.Hub;
import io.posthaste.server.Exchange;
import io.posthaste.server.PublishRate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Apollo's open API: which call is answered by whom. */
final class OpenApi {
  static final String ROOT = "/openapi/v1/";

  private static final String CLUSTERS = "envs/{env}/apps/{app}/clusters";
  private static final String NAMESPACES = CLUSTERS + "/{cluster}/namespaces";
  private static final String NAMESPACE = NAMESPACES + "/{namespace}";

  /** A call that is known. */
  private record Known(String method, List<String> path, Consumer<Call> answer) {
    /** Whether the cluster may be a branch. */
    boolean isOfBranchesToo() {
      return path.contains("items") || path.contains("encodedItems") || path.contains("diff");
    }

    /** What the parts of a path stand for; empty if it is another one. */
    Optional<Map<String, String>> match(List<String> parts) {
      if (parts.size() != path.size()) {
        return Optional.empty();
      }
      Map<String, String> found = new HashMap<>();
      for (int i = 0; i < parts.size(); i++) {
        String known = path.get(i);
        if (known.startsWith("{")) {
          found.put(known.substring(1, known.length() - 1), parts.get(i));
        } else if (!known.equals(parts.get(i))) {
          return Optional.empty();
        }
        if (known.equals("encodedItems")) {
          found.put("encoded", "");
        }
      }
      return Optional.of(found);
    }
  }

  private final ApolloOptions options;
  private final PublishRate rate;
  private final List<Known> known = new ArrayList<>(); // not changed once it is made

  OpenApi(
      Hub hub,
      Configs configs,
      Apps apps,
      Spellings spellings,
      ApolloOptions options,
      PublishRate rate) {
    this.options = options;
    this.rate = rate;
    Drafts drafts = new Drafts(hub);
    AppsApi ofApps = new AppsApi(configs, apps, spellings, drafts, options);
    add("GET", "apps", ofApps::list);
    add("POST", "apps", ofApps::create);
    add("GET", "apps/authorized", ofApps::authorized);
    add("GET", "organizations", ofApps::organizations);
    add("GET", "apps/{app}/envclusters", ofApps::clusters);
    add("POST", "apps/{app}/appnamespaces", ofApps::createNamespace);
    add("POST", CLUSTERS, ofApps::createCluster);
    add("GET", CLUSTERS + "/{cluster}", ofApps::cluster);
    add("GET", NAMESPACES, ofApps::namespaces);
    add("GET", NAMESPACE, ofApps::namespace);
    add("GET", NAMESPACE + "/lock", ofApps::lock);
    ItemsApi items = new ItemsApi(configs, spellings, drafts);
    add("GET", NAMESPACE + "/items", items::list);
    add("POST", NAMESPACE + "/items", items::create);
    add("GET", NAMESPACE + "/diff", items::diff);
    for (String one : List.of("/items/{item}", "/encodedItems/{item}")) {
      add("GET", NAMESPACE + one, items::get);
      add("PUT", NAMESPACE + one, items::update);
      add("DELETE", NAMESPACE + one, items::remove);
    }
    BranchReleases shown = new BranchReleases(configs, drafts);
    ReleasesApi releases = new ReleasesApi(hub, configs, spellings, drafts, shown);
    add("POST", NAMESPACE + "/releases", releases::release);
    add("GET", NAMESPACE + "/releases/latest", releases::latest);
    add("GET", NAMESPACE + "/releases/all", releases::all);
    BranchesApi branches = new BranchesApi(configs, spellings, drafts, shown, releases);
    String branch = NAMESPACE + "/branches/{branch}";
    add("GET", NAMESPACE + "/branches", branches::find);
    add("POST", NAMESPACE + "/branches", branches::create);
    add("DELETE", branch, branches::delete);
    add("GET", branch + "/rules", branches::rules);
    add("PUT", branch + "/rules", branches::setRules);
    add("POST", branch + "/releases", branches::release);
    add("POST", branch + "/gray-del-releases", branches::releaseWithout);
    add("POST", branch + "/merge", branches::merge);
    add("GET", NAMESPACE + "/instances", new InstancesApi(configs, spellings)::count);
    add("PUT", "envs/{env}/releases/{release}/rollback", releases::rollback);
  }

  private void add(String method, String path, Consumer<Call> answer) {
    known.add(new Known(method, List.of(path.split("/")), answer));
  }

  /** Any call. */
  void handle(Exchange exchange, Session session) {
    List<String> parts = new ArrayList<>(Asked.path(exchange.request(), ROOT));
    if (parts.get(parts.size() - 1).isEmpty()) {
      parts.remove(parts.size() - 1);
    }
    String method = exchange.request().method();
    boolean isKnown = false;
    for (Known one : known) {
      Optional<Map<String, String>> match = one.match(parts);
      isKnown |= match.isPresent();
      if (match.isPresent() && one.method().equals(method)) {
        call(new Call(exchange, session, match.get()), match.get().get("env"), one);
        return;
      }
    }
    Answers.error(
        exchange,
        isKnown ? 405 : 404,
        isKnown ? "not by " + method : "there is no such call here (expected: see docs/config.md)");
  }

  private void call(Call call, @Nullable String env, Known one) {
    if (env != null && !env.equalsIgnoreCase(options.env())) {
      Answers.error(
          call.exchange,
          404,
          "env: " + env + " is not this server (expected: " + options.env() + ")");
      return;
    }
    if (!one.isOfBranchesToo() && Branch.isOne(call.path("cluster", ""))) {
      Answers.error(
          call.exchange,
          400,
          "cluster: the name of a branch (expected: of one, its items, or …/branches/{branch}/…)");
      return;
    }
    if (one.method().equals("GET")
        || rate.admits(
            call.exchange,
            call.session,
            1,
            wait -> Answers.error(call.exchange, 429, PublishRate.refusal(wait)))) {
      one.answer().accept(call);
    }
  }
}
