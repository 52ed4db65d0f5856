package io.posthaste.door.apollo;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What is said of an application that its configs do not say.
 *
 * @param appId its id
 * @param name for people
 * @param orgId of whom it is, with which names of public namespaces may begin
 * @param orgName for people
 * @param ownerName for people
 * @param ownerEmail for people
 * @param clusters those that were made, configs in them or not
 * @param namespaces those that were made
 */
record App(
    String appId,
    String name,
    String orgId,
    String orgName,
    String ownerName,
    String ownerEmail,
    List<String> clusters,
    List<Namespace> namespaces) {

  /**
   * A namespace of an application.
   *
   * @param name as Apollo has it
   * @param isPublic whether other applications see it too
   * @param comment for people
   */
  record Namespace(String name, boolean isPublic, String comment) {
    Namespace {
      requireNonNull(name, "name");
      requireNonNull(comment, "comment");
    }
  }

  App {
    requireNonNull(appId, "appId");
    clusters = List.copyOf(new TreeSet<>(clusters));
    namespaces = List.copyOf(namespaces);
  }

  /** One of which nothing is said. */
  static App named(String appId) {
    return new App(appId, appId, "", "", "", "", List.of(), List.of());
  }

  /** A namespace by its name, whose case does not matter. */
  Optional<Namespace> namespace(String config) {
    return namespaces.stream()
        .filter(one -> NamespaceName.of(one.name).config().equalsIgnoreCase(config))
        .findFirst();
  }

  App withCluster(String cluster) {
    List<String> more = new ArrayList<>(clusters);
    more.add(cluster);
    return new App(appId, name, orgId, orgName, ownerName, ownerEmail, more, namespaces);
  }

  App withNamespace(Namespace namespace) {
    List<Namespace> more = new ArrayList<>(namespaces);
    more.add(namespace);
    return new App(appId, name, orgId, orgName, ownerName, ownerEmail, clusters, more);
  }
}
