package io.posthaste.core;

import java.util.List;

/**
 * Takes what a {@link Reader} reads. Called by the reader's shard's thread only; must neither block
 * nor throw. May close the reader at any time.
 */
public interface Receiver {
  /**
   * The reader's place is known: {@link Reader#cursor} may be told. Called once, before anything
   * else.
   */
  default void onStarted(Reader reader) {}

  /**
   * Takes a message; the reader's cursor has moved to it. Write it, but let {@link #onBatchEnd}
   * flush.
   *
   * @return whether another can be taken now. After false nothing more comes until {@link
   *     Reader#resume}; nothing is queued meanwhile, the reader is merely behind
   */
  boolean onMessage(Reader reader, Message message);

  /**
   * The reader's cursor lacks messages that are no longer kept; what follows goes on behind them.
   */
  void onMissed(Reader reader, List<Gap> gaps);

  /**
   * A run of {@link #onMessage} or {@link #onMissed} is over, or the reader has found that there is
   * nothing to read: flush.
   *
   * @param caughtUp whether the reader has been given all that there is
   */
  void onBatchEnd(Reader reader, boolean caughtUp);

  /** The log could not be read. The reader is closed; its cursor tells where to go on. */
  void onFailed(Reader reader, LogException failure);

  /** Whether it reads for the server itself, so that it does not count among the readers. */
  default boolean isServersOwn() {
    return false;
  }
}
