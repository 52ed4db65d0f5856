package io.posthaste.core;

/**
 * Is answered when a poll has found something or its wait is over. Called by the shard's thread,
 * once.
 */
public interface PollListener {
  /** The poll's answer. */
  void onResult(PollResult result);

  /** The log could not be read. */
  void onFailed(LogException failure);
}
