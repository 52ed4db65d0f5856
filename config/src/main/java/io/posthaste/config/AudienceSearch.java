package io.posthaste.config;

import io.posthaste.config.AudienceAnswer.Spreaded;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.NodeAnswers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Looks through the followers of a node, and puts what several nodes found together. */
final class AudienceSearch {
  private static final int MOST_VERSIONS = 64; // that are told apart, a node

  private AudienceSearch() {}

  /** What a node has to say; walks over all these followers, so not for an event loop. */
  static AudienceAnswer in(
      Stream<Follower> all,
      List<SeenVersion> versions,
      long unknown,
      String node,
      AudienceQuery query) {
    Map<VersionCount.Of, Integer> counts = new HashMap<>();
    List<Followership> page = new ArrayList<>();
    long above = query.above(node);
    int[] behind = {0};
    List<Followership> found = new ArrayList<>();
    all.forEach(
        follower -> {
          if (query.address().isEmpty() || query.address().equals(follower.instance.address())) {
            found.clear();
            follower.collect(query.key(), node, found);
            for (Followership one : found) {
              VersionCount.Of version = new VersionCount.Of(one.md5(), one.id());
              if (counts.size() < MOST_VERSIONS || counts.containsKey(version)) {
                counts.merge(version, 1, Integer::sum);
              } else {
                counts.merge(new VersionCount.Of(null, null), 1, Integer::sum);
              }
              behind[0] += one.isCurrent() ? 0 : 1;
              if (query.limit() > 0
                  && one.number() > above
                  && !(query.onlyBehind() && one.isCurrent())) {
                page.add(one);
              }
            }
          }
        });
    page.sort(Comparator.comparingLong(Followership::number).thenComparing(Followership::key));
    int end = Math.min(query.limit(), page.size());
    if (query.key() == null) {
      // What one follower listens to is not torn apart: a place is a follower's number.
      while (end > 0 && end < page.size() && page.get(end).number() == page.get(end - 1).number()) {
        end++;
      }
    }
    List<Spreaded> spreads = new ArrayList<>();
    for (SeenVersion version : versions) {
      Id id = version.id;
      if (id != null) {
        SeenVersion.Spreads now = version.spreads();
        spreads.add(new Spreaded(id, version.md5, version.publishedMillis, now.told(), now.had()));
      }
    }
    return new AudienceAnswer(
        counts, behind[0], unknown, spreads, page.subList(0, end), end < page.size());
  }

  /** What all nodes have said. */
  static AudiencePage page(NodeAnswers answers, AudienceQuery query) {
    Map<String, AudienceAnswer> byNode = new TreeMap<>();
    Map<String, String> silent = new TreeMap<>(answers.silent());
    for (NodeAnswers.Answer answer : answers.given()) {
      try {
        byNode.merge(
            answer.node(),
            AudienceAnswer.of(answer.node(), answer.payload()),
            AudienceAnswer::plus); // of two in one process
      } catch (MalformedException e) {
        silent.put(answer.node(), String.valueOf(e.getMessage()));
      }
    }
    Map<String, Integer> nodes = new TreeMap<>();
    Map<VersionCount.Of, Integer> counts = new HashMap<>();
    Map<Id, Spreaded> spreads = new LinkedHashMap<>();
    List<Followership> followers = new ArrayList<>();
    int behind = 0;
    long unknown = 0;
    boolean more = false;
    for (Map.Entry<String, AudienceAnswer> node : byNode.entrySet()) {
      AudienceAnswer of = node.getValue();
      nodes.put(node.getKey(), of.counts().values().stream().mapToInt(Integer::intValue).sum());
      of.counts().forEach((version, count) -> counts.merge(version, count, Integer::sum));
      of.versions().forEach(one -> spreads.merge(one.id(), one, Spreaded::plus));
      behind += of.behind();
      unknown += of.unknown();
      int room = more ? 0 : Math.max(0, query.limit() - followers.size());
      boolean fits = of.followers().size() <= room;
      followers.addAll(of.followers().subList(0, fits ? of.followers().size() : room));
      // What follows a node that has not said all of its own belongs to a later page.
      more |= of.more() || !fits;
    }
    List<VersionCount> versions =
        counts.entrySet().stream()
            .map(entry -> new VersionCount(entry.getKey(), entry.getValue()))
            .sorted(Comparator.comparingInt(VersionCount::instances).reversed())
            .toList();
    List<Spreading> spreadings =
        spreads.values().stream()
            .map(Spreaded::spreading)
            .sorted(Comparator.comparingLong(Spreading::publishedMillis).reversed())
            .toList();
    return new AudiencePage(followers, versions, behind, unknown, spreadings, nodes, silent, more);
  }
}
