package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/** What one node answers, by kind of question; for engines that implement {@link Nodes}. */
public final class OwnAnswers {
  private static final Pattern KIND = Pattern.compile("[a-z0-9-]{1,64}");

  private final Map<String, List<Nodes.Answerer>> answerers = new ConcurrentHashMap<>();

  /** As {@link Nodes#answer}. */
  public Nodes.Registration add(String kind, Nodes.Answerer answerer) {
    checkKind(kind);
    requireNonNull(answerer, "answerer");
    List<Nodes.Answerer> ofKind =
        answerers.computeIfAbsent(kind, any -> new CopyOnWriteArrayList<>());
    ofKind.add(answerer);
    return () -> ofKind.remove(answerer);
  }

  /** Refuses what is no kind of question. */
  public static void checkKind(String kind) {
    if (!KIND.matcher(kind).matches()) {
      throw new IllegalArgumentException("kind: " + kind + " (expected: 1 to 64 of a-z0-9-)");
    }
  }

  /**
   * The answers to a question, one or more. Fails with a {@link LogException} if there is nobody to
   * answer, or what is answered is too large.
   */
  public CompletableFuture<List<Payload>> to(String kind, Payload question) {
    List<Nodes.Answerer> ofKind = answerers.getOrDefault(kind, List.of());
    CompletableFuture<List<Payload>> all =
        ofKind.isEmpty()
            ? CompletableFuture.failedFuture(new LogException("it is not asked for " + kind))
            : CompletableFuture.completedFuture(List.of());
    for (Nodes.Answerer answerer : ofKind) {
      all = all.thenCombine(one(answerer, question), OwnAnswers::with);
    }
    return all;
  }

  private static CompletableFuture<Payload> one(Nodes.Answerer answerer, Payload question) {
    try {
      return answerer.answer(question).thenApply(OwnAnswers::small).toCompletableFuture();
    } catch (RuntimeException e) { // whoever answers, whoever asks is to hear of it
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Payload small(Payload answer) {
    if (answer.length() > Nodes.MAX_ANSWER_BYTES) {
      throw new LogException(
          "its answer has "
              + answer.length()
              + " bytes (expected: at most "
              + Nodes.MAX_ANSWER_BYTES
              + ")");
    }
    return answer;
  }

  private static List<Payload> with(List<Payload> before, Payload one) {
    List<Payload> more = new ArrayList<>(before);
    more.add(one);
    return more;
  }
}
