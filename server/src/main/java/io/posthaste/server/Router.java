package io.posthaste.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the route of a path: the exact one, else the longest prefix. Immutable. */
public final class Router {
  private final Map<String, Route> exact = new HashMap<>();
  private final List<Route> prefixes = new ArrayList<>();

  /**
   * A router of these routes.
   *
   * @throws IllegalArgumentException if a path is there twice
   */
  public Router(List<Route> routes) {
    for (Route route : routes) {
      boolean twice =
          route.isPrefix()
              ? prefixes.stream().anyMatch(other -> other.path().equals(route.path()))
              : exact.containsKey(route.path());
      if (twice) {
        throw new IllegalArgumentException("route: " + route.path() + " is there twice");
      }
      if (route.isPrefix()) {
        prefixes.add(route);
      } else {
        exact.put(route.path(), route);
      }
    }
    prefixes.sort(Comparator.comparingInt((Route route) -> route.path().length()).reversed());
  }

  /** The route of a path as it was sent; null if there is none. */
  @Nullable Route find(String rawPath) {
    Route route = exact.get(rawPath);
    if (route != null) {
      return route;
    }
    for (Route prefix : prefixes) {
      if (rawPath.startsWith(prefix.path())) {
        return prefix;
      }
    }
    return null;
  }
}
