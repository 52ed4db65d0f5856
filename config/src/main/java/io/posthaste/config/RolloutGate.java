package io.posthaste.config;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Says whether a roll-out that is due may take its next step. */
@FunctionalInterface
public interface RolloutGate {
  /** Nothing stands against any step. */
  RolloutGate OPEN = gray -> CompletableFuture.completedFuture("");

  /**
   * What stands against the next step, in one line for people: the roll-out is held then, until
   * somebody has looked. Empty if nothing does. Called on a shard's thread, which must not be
   * blocked; may be called by several nodes for the same step.
   */
  CompletionStage<String> objection(GrayVersion gray);
}
