package io.posthaste.engine.jetstream;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Many questions of one kind, of which only so many are under way at a time. */
final class SideBySide {
  private static final int AT_ONCE = 64;

  private SideBySide() {}

  /** A question for each; the answers are in their order. */
  static <T, R> CompletableFuture<List<R>> ask(
      List<T> things, Function<T, CompletableFuture<R>> question) {
    List<R> answers = new ArrayList<>(Collections.nCopies(things.size(), null));
    return ask(things, question, answers, 0);
  }

  private static <T, R> CompletableFuture<List<R>> ask(
      List<T> things, Function<T, CompletableFuture<R>> question, List<R> answers, int from) {
    int to = Math.min(things.size(), from + AT_ONCE);
    if (from == to) {
      return CompletableFuture.completedFuture(answers);
    }
    List<CompletableFuture<Void>> asked = new ArrayList<>();
    for (int i = from; i < to; i++) {
      int index = i;
      asked.add(question.apply(things.get(i)).thenAccept(answer -> answers.set(index, answer)));
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenCompose(done -> ask(things, question, answers, to));
  }
}
