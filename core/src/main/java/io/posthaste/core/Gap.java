package io.posthaste.core;

import static java.util.Objects.requireNonNull;

/**
 * Says that a reader's cursor lacks messages that are no longer kept.
 *
 * @param topics the topic, or where the engine cannot tell so exactly a pattern over all that may
 *     be meant
 * @param partition the part of the log
 * @param from the sequence at which messages go on: of the oldest that is kept and that the cursor
 *     lacks; 0 if there is none, and then the reader goes on at its next cursor
 */
public record Gap(TopicPattern topics, int partition, long from) {
  public Gap {
    requireNonNull(topics, "topics");
  }
}
