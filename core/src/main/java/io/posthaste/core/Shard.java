package io.posthaste.core;

import java.util.concurrent.ScheduledExecutorService;

/**
 * One event loop with the readers that live on it. Nothing in a shard is locked: its thread owns it
 * all.
 */
public final class Shard {
  private final ScheduledExecutorService loop;
  private final Wheel wheel = new Wheel();

  Shard(ScheduledExecutorService loop) {
    this.loop = loop;
  }

  /** The loop whose one thread owns the shard. */
  public ScheduledExecutorService loop() {
    return loop;
  }

  /** Deadlines of what lives on the shard. To be used by the shard's thread only. */
  public Wheel wheel() {
    return wheel;
  }

  /**
   * Begins a reader. To be called by the shard's thread; the receiver hears nothing before this
   * returns.
   */
  public Reader subscribe(Subscription subscription, Receiver receiver) {
    throw new UnsupportedOperationException("being built");
  }

  /**
   * Begins a poll. To be called by the shard's thread; the listener may be answered before this
   * returns.
   *
   * @return ends the poll unanswered when closed, as when the client has gone
   */
  public PendingPoll poll(Poll poll, PollListener listener) {
    throw new UnsupportedOperationException("being built");
  }
}
