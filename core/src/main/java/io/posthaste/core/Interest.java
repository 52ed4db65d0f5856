package io.posthaste.core;

import java.util.concurrent.CompletionStage;

/**
 * The set of topics whose commits one {@link CommitListener} wants. Thread-safe. An engine in this
 * process may tell of every commit whatever is asked; one across a network tells only of these.
 */
public interface Interest extends AutoCloseable {
  /**
   * Wants the commits of these topics from now on. Counted: a pattern that was added twice is to be
   * removed twice.
   *
   * @return completes once every commit above the {@link Log#head} that is asked for afterwards
   *     reaches the listener. Fails if the engine is closed or cut off
   */
  CompletionStage<Void> add(TopicPattern topics);

  /** No longer wants them. What is under way may still arrive. */
  void remove(TopicPattern topics);

  /** Ends all of it. */
  @Override
  void close();
}
