package io.posthaste.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One subscription: a cursor into the log, and nothing more. It lives on one {@link Shard}, whose
 * thread calls its {@link Receiver} and is the only one that may call its methods.
 */
public abstract class Reader {
  private static final System.Logger LOGGER = System.getLogger(Reader.class.getName());

  Reader() {}

  /** Ends the reader and tells its receiver why. */
  abstract void fail(@Nullable Throwable failure);

  /**
   * The receiver threw, against its contract: its reader ends, nobody else on the shard suffers.
   */
  final void broke(Throwable cause) {
    LOGGER.log(System.Logger.Level.ERROR, "receiver failed", cause);
    try {
      fail(new LogException("the reader's receiver failed: " + cause, cause));
    } catch (RuntimeException | Error again) {
      LOGGER.log(System.Logger.Level.ERROR, "receiver failed to end", again);
    }
  }

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

  /** What it reads. */
  public abstract List<TopicPattern> topics();

  /** The receiver can take messages again. Harmless at any time. */
  public abstract void resume();

  /** Ends the reader; its receiver is not called again. Harmless when it has ended. */
  public abstract void close();
}
