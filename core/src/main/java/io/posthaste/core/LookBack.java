package io.posthaste.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Finds where the newest messages of a partition stand, a page at a time from a place backward. Of
 * the messages themselves nothing is kept, as there may be many and large ones.
 */
final class LookBack {
  private static final int PAGE_BYTES = 1 << 20;

  /** Where a message stands. */
  record Spot(int partition, long sequence, long timeMillis) {}

  private final Log log;
  private final List<TopicPattern> topics;
  private final int partition;
  private final int count;
  private final List<Spot> spots = new ArrayList<>();
  private final CompletableFuture<List<Spot>> found = new CompletableFuture<>();

  private LookBack(Log log, List<TopicPattern> topics, int partition, int count) {
    this.log = log;
    this.topics = topics;
    this.partition = partition;
    this.count = count;
  }

  /** The newest below a place, at most so many, in no order. */
  static CompletableFuture<List<Spot>> from(
      long before, int count, Log log, List<TopicPattern> topics, int partition) {
    LookBack looking = new LookBack(log, topics, partition, count);
    looking.goOn(looking.page(before));
    return looking.found;
  }

  private CompletableFuture<Page> page(long before) {
    int missing = count - spots.size();
    return log.readBackward(new ReadRequest(partition, topics, before, missing, PAGE_BYTES, false))
        .toCompletableFuture();
  }

  /** Loops over pages that are there at once, so that many of them do not deepen the stack. */
  private void goOn(CompletableFuture<Page> first) {
    CompletableFuture<Page> page = first;
    while (page.isDone() && !page.isCompletedExceptionally()) {
      Page read = page.join();
      for (Message message : read.messages()) {
        spots.add(new Spot(partition, message.sequence(), message.timeMillis()));
      }
      if (!read.more() || spots.size() >= count) {
        found.complete(spots);
        return;
      }
      page = page(read.through());
    }
    CompletableFuture<Page> pending = page;
    pending.whenComplete(
        (read, failure) -> {
          if (failure != null) {
            found.completeExceptionally(failure);
          } else {
            goOn(pending);
          }
        });
  }
}
