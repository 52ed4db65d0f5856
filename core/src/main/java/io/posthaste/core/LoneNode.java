package io.posthaste.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The one node of a log that no other process has open: it asks itself. */
public final class LoneNode implements Nodes {
  private final String self = Nodes.newName();
  private final OwnAnswers answers = new OwnAnswers();

  /** A node with a name of its own. */
  public LoneNode() {}

  @Override
  public String self() {
    return self;
  }

  @Override
  public Registration answer(String kind, Answerer answerer) {
    return answers.add(kind, answerer);
  }

  @Override
  public CompletionStage<NodeAnswers> ask(String kind, Payload question, Duration within) {
    OwnAnswers.checkKind(kind);
    if (question.length() > MAX_QUESTION_BYTES) {
      return CompletableFuture.failedFuture(tooLarge(question));
    }
    CompletableFuture<List<Payload>> own = answers.to(kind, question);
    // A copy, so that the time limit of one who asks is not the answerer's.
    CompletableFuture<List<Payload>> limited = own.copy();
    return (own.isDone() ? own : limited.orTimeout(within.toMillis(), TimeUnit.MILLISECONDS))
        .handle(this::collect);
  }

  /** Why such a question is not asked. */
  public static LogException tooLarge(Payload question) {
    return new LogException(
        "question: " + question.length() + " bytes (expected: at most " + MAX_QUESTION_BYTES + ")");
  }

  private NodeAnswers collect(List<Payload> payloads, Throwable failure) {
    if (failure != null) {
      return new NodeAnswers(List.of(), Map.of(self, reason(failure)));
    }
    return new NodeAnswers(
        payloads.stream().map(payload -> new NodeAnswers.Answer(self, payload)).toList(), Map.of());
  }

  /** What is told of an answer that failed. */
  public static String reason(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof LogException known && known.getMessage() != null
        ? known.getMessage()
        : cause instanceof java.util.concurrent.TimeoutException
            ? "no answer in time"
            : "it failed: " + cause;
  }
}
