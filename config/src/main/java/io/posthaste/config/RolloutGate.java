package io.posthaste.config;

import io.posthaste.core.MalformedException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Says whether a roll-out that is due may take its next step. */
@FunctionalInterface
interface RolloutGate {
  /**
   * What stands against the next step, in one line for people; empty if nothing does. Called on a
   * shard's thread, which must not be blocked; may be called by several nodes for the same step.
   */
  CompletionStage<String> objection(GrayVersion gray);

  /** So that whoever looks sees whether it is always the same ones. */
  int MOST_NAMED = 3;

  /**
   * Objects for as long as somebody who listens to the config has not what he should see. Who
   * listens but is not known, for want of room, does not stand in the way.
   */
  static RolloutGate of(Audience audience) {
    return gray ->
        audience
            .ask(new AudienceQuery(gray.key().config(), "", true, null, MOST_NAMED))
            .thenApply(
                page -> {
                  if (page.behind() > 0) {
                    return page.behind()
                        + " of "
                        + page.instances()
                        + " instances have not fetched what they should see, such as "
                        + page.followers().stream()
                            .map(one -> MalformedException.quote(one.instance().id()))
                            .distinct()
                            .limit(MOST_NAMED) // each node names so many
                            .collect(Collectors.joining(", "));
                  }
                  return page.silent().isEmpty()
                      ? ""
                      : "not known who listens on " + String.join(", ", page.silent().keySet());
                });
  }
}
