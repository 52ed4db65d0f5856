package io.posthaste.config;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who listens, on all nodes.
 *
 * @param followers some of them: in the order of nodes' names, and of each node's in the order in
 *     which they came
 * @param versions how many instances have which version, the most frequent first
 * @param behind how many have not what they should have
 * @param unknown how many could not be kept on their nodes, for want of room, since those started
 * @param spreadings how the latest versions spread, the youngest first
 * @param nodes how many listen on each node that answered
 * @param silent nodes that did not answer, and why
 * @param more whether there are further followers behind the last of these
 */
public record AudiencePage(
    List<Followership> followers,
    List<VersionCount> versions,
    int behind,
    long unknown,
    List<Spreading> spreadings,
    Map<String, Integer> nodes,
    Map<String, String> silent,
    boolean more) {
  public AudiencePage {
    followers = List.copyOf(followers);
    versions = List.copyOf(versions);
    spreadings = List.copyOf(spreadings);
    nodes = Collections.unmodifiableMap(new TreeMap<>(nodes));
    silent = Collections.unmodifiableMap(new TreeMap<>(silent));
  }

  /** How many listen, on the nodes that answered. */
  public int instances() {
    return nodes.values().stream().mapToInt(Integer::intValue).sum();
  }
}
