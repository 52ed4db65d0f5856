package io.posthaste.core;

import java.util.List;

/** A poll that is not yet answered. To be used by its shard's thread only. */
public interface PendingPoll {
  /**
   * Answers at once with what there is, usually nothing; for a server that is going down. Harmless
   * when answered.
   */
  void answerNow();

  /** What of. */
  List<TopicPattern> topics();

  /** Ends the poll without an answer; for a client that has gone. Harmless when answered. */
  void cancel();
}
