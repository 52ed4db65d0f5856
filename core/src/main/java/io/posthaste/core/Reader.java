package io.posthaste.core;

/**
 * One subscription: a cursor into the log, and nothing more. It lives on one {@link Shard}, whose
 * thread calls its {@link Receiver} and is the only one that may call its methods.
 */
public abstract class Reader {
  Reader() {}

  /** The shard that the reader lives on. */
  public abstract Shard shard();

  /**
   * Where the reader stands: all of its topics' messages up to here have been given to its
   * receiver. While nothing is published on its topics the place still moves on with the log, so
   * that a quiet reader resumes near the head.
   */
  public abstract Cursor cursor();

  /**
   * Whether the reader reads a single partition for ever, so that its cursor is the id of the last
   * message it was given.
   */
  public abstract boolean readsOnePartition();

  /** The receiver can take messages again. Harmless at any time. */
  public abstract void resume();

  /** Ends the reader; its receiver is not called again. Harmless when it has ended. */
  public abstract void close();
}
