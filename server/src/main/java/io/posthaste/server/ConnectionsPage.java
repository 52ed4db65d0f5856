package io.posthaste.server;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some of the connections of all nodes.
 *
 * @param connections in the order of nodes' names, and of each node's in the order in which they
 *     came
 * @param nodes how many match on each node that answered, by its name and then by door
 * @param silent nodes that did not answer, and why
 * @param more whether there are further ones behind the last of these
 */
public record ConnectionsPage(
    List<Connected> connections,
    Map<String, Map<String, Long>> nodes,
    Map<String, String> silent,
    boolean more) {
  public ConnectionsPage {
    connections = List.copyOf(connections);
    nodes = Collections.unmodifiableMap(new TreeMap<>(nodes));
    silent = Collections.unmodifiableMap(new TreeMap<>(silent));
  }
}
