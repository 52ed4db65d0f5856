package io.posthaste.core;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Asks a log and waits for its answer, for work that has a thread of its own. */
final class LogWaits {
  private static final int LIMIT_SECONDS = 60;
  private static final int LISTED = 1_000;

  private LogWaits() {}

  /**
   * Waits for an answer.
   *
   * @throws LogException if the log fails, takes longer than a minute, or the thread is interrupted
   */
  static <T> T answer(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw LogException.of(e.getCause());
    } catch (TimeoutException e) {
      throw new LogException("the log did not answer within " + LIMIT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogException("interrupted", e);
    }
  }

  /** The place of the newest message in each partition. */
  static Cursor heads(Log log) {
    Cursor heads = LogWalk.beginning(log);
    for (int partition : log.partitions()) {
      heads = heads.with(partition, answer(log.head(partition)));
    }
    return heads;
  }

  /** The next topics of a listing, at most 1,000. */
  static TopicPage topics(Log log, String prefix, String after) {
    return answer(log.topics(prefix, after, LISTED));
  }

  /** Gives all topics that begin so, page by page. */
  static void eachTopic(Log log, String prefix, Consumer<TopicState> each) {
    String after = "";
    boolean more = true;
    while (more) {
      TopicPage page = topics(log, prefix, after);
      for (TopicState state : page.topics()) {
        each.accept(state);
        after = state.topic().name();
      }
      more = page.more();
    }
  }

  /** The first segments of the server's own topics. */
  static Set<String> ownRoots(Log log) {
    Set<String> roots = new LinkedHashSet<>();
    eachTopic(log, "$", state -> roots.add(state.topic().name().split("/", 2)[0]));
    return roots;
  }
}
