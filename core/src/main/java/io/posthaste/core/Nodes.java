package io.posthaste.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/**
 * The nodes that have one log open, and how all of them are asked for what only each knows of
 * itself: who is connected there, what it was told lately. Nothing of that is in the log; it is
 * gathered when somebody asks.
 *
 * <p>Thread-safe. A log in one process has one node, which asks itself.
 */
public interface Nodes {
  /** The most that a question may weigh. */
  int MAX_QUESTION_BYTES = 64 << 10;

  /** The most that one answer may weigh. */
  int MAX_ANSWER_BYTES = 512 << 10;

  /** Answers for one node; called by a thread of the engine's, must not block. */
  @FunctionalInterface
  interface Answerer {
    /** What this node has to say; a stage that fails is told as its silence, with the reason. */
    CompletionStage<Payload> answer(Payload question);
  }

  /** Ends something that was begun; does not throw. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * What this node is called: 1 to 64 of {@code a-z0-9-}, and no other node of the log is called so
   * nor was this one before a restart.
   */
  String self();

  /**
   * Has this node answer questions of a kind. If several answer the same kind, as the hubs of one
   * process do, each is an answer.
   *
   * @param kind 1 to 64 of {@code a-z0-9-}
   */
  Registration answer(String kind, Answerer answerer);

  /**
   * Asks every node, this one among them. The stage completes when all that are known to be there
   * have answered, or the time is over; it does not fail because some are silent.
   *
   * @param within how long to wait; those that have not answered then are named
   * @return fails with a {@link LogException} if the question is too large
   */
  CompletionStage<NodeAnswers> ask(String kind, Payload question, Duration within);

  /** A name for a node: what its machine is called, and what tells it from all others there. */
  static String newName() {
    String host;
    try {
      host = Files.readString(Path.of("/proc/sys/kernel/hostname"));
    } catch (IOException e) {
      host = "node"; // not Linux
    }
    String plain = host.strip().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
    String shown = plain.isEmpty() ? "node" : plain.substring(0, Math.min(40, plain.length()));
    return shown + "-" + Epoch.random().substring(5);
  }
}
