package io.posthaste.client;

import java.util.Optional;

/** A reader that is told of messages until it is closed. */
public final class Subscription implements AutoCloseable {
  private final Follower follower;

  Subscription(Follower follower) {
    this.follower = follower;
  }

  /**
   * Where it stands: all up to this was given to the listener, which has returned. For {@link
   * Reading#after}, by any technique, in any client, after a restart of the application too. Empty
   * while no server could be reached.
   *
   * <p>Of a reader of several topics that is carried by polls it moves page by page; whoever closes
   * it within a page and goes on from here is given that page's messages again.
   */
  public Optional<String> cursor() {
    return Optional.ofNullable(follower.cursor());
  }

  /** What it is carried by; empty while it is not connected. */
  public Optional<Technique> technique() {
    return Optional.ofNullable(follower.carriedBy());
  }

  /** Whether it has ended: it was closed, or refused. */
  public boolean isClosed() {
    return follower.callbacks().areClosed();
  }

  /**
   * Ends it. A callback that runs is waited for, 5 seconds at most, then interrupted; once this
   * returns the listener is not called any more. From within a callback it returns at once.
   */
  @Override
  public void close() {
    follower.callbacks().close();
  }
}
