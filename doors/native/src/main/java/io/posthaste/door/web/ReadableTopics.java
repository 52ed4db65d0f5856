package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.core.Hub;
import io.posthaste.core.TopicPage;
import io.posthaste.core.TopicState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Lists the topics that somebody may read. Only what his grants begin with is looked through, and
 * nothing tells of topics between.
 */
final class ReadableTopics {
  private final Hub hub;
  private final Session session;
  private final List<String> prefixes;
  private final String after;
  private final int limit;
  private final List<TopicState> found = new ArrayList<>();

  private ReadableTopics(Hub hub, Session session, String prefix, String after, int limit) {
    this.hub = hub;
    this.session = session;
    this.prefixes = session.readablePrefixes(prefix);
    this.after = after;
    this.limit = limit;
  }

  /** A page of those that begin with a prefix, behind a name; as {@link Hub#topics}. */
  static CompletionStage<TopicPage> of(
      Hub hub, Session session, String prefix, String after, int limit) {
    return new ReadableTopics(hub, session, prefix, after, limit).look(0, after);
  }

  private CompletionStage<TopicPage> look(int index, String from) {
    if (index == prefixes.size()) {
      return CompletableFuture.completedFuture(new TopicPage(found, false));
    }
    return hub.topics(prefixes.get(index), from, limit + 1)
        .thenCompose(
            page -> {
              String last = from;
              for (TopicState state : page.topics()) {
                last = state.topic().name();
                if (!session.mayRead(state.topic())) {
                  continue;
                }
                if (found.size() == limit) {
                  return CompletableFuture.completedFuture(new TopicPage(found, true));
                }
                found.add(state);
              }
              return page.more() ? look(index, last) : look(index + 1, after);
            });
  }
}
