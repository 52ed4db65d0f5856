package io.posthaste.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Turns where a reader wants to begin into a place in each partition that it reads. */
final class Starts {
  /** Of more topics than this a lost cursor's gaps are not told one by one. */
  private static final int GAPS_TOLD_SINGLY = 64;

  private static final int PAGE_BYTES = 1 << 20;

  private final Log log;
  private final Consumers consumers;

  Starts(Log log, Consumers consumers) {
    this.log = log;
    this.consumers = consumers;
  }

  /**
   * The place of a cursor that is good, where the engine can tell at once: the usual case of a poll
   * that comes again, without a stage. Else -1, and {@link #of} is to be asked.
   */
  long placeAtOnce(Start start, int partition) {
    if (start instanceof Start.After after && after.cursor().epoch().equals(log.epoch())) {
      long place = after.cursor().sequenceIn(partition, 0);
      return place <= log.known(partition) ? place : -1;
    }
    return -1;
  }

  /**
   * The places; complete on return where the engine can tell at once. To be asked once the feeds
   * are open.
   */
  CompletableFuture<Places> of(Subscription what, int[] partitions) {
    Start start = what.start();
    if (start instanceof Start.After after) {
      return after(after.cursor(), what, partitions);
    } else if (start instanceof Start.Now) {
      return heads(partitions).thenApply(heads -> new Places(heads, List.of(), false));
    } else if (start instanceof Start.Beginning) {
      return CompletableFuture.completedFuture(
          new Places(new long[partitions.length], List.of(), true));
    } else if (start instanceof Start.Since since) {
      return each(partitions, p -> log.placeAt(p, since.time()))
          .thenApply(places -> new Places(places, List.of(), true));
    } else if (start instanceof Start.Last last) {
      return last(last.count(), what.topics(), partitions);
    } else if (start instanceof Start.Consumer consumer) {
      return consumer(consumer.name(), what, partitions);
    }
    throw new AssertionError(start);
  }

  private CompletableFuture<Places> after(Cursor cursor, Subscription what, int[] partitions) {
    return heads(partitions)
        .thenCompose(
            heads -> {
              boolean known = cursor.epoch().equals(log.epoch());
              long[] places = new long[partitions.length];
              for (int i = 0; i < partitions.length && known; i++) {
                places[i] = cursor.sequenceIn(partitions[i], 0);
                known = places[i] <= heads[i];
              }
              return known
                  ? CompletableFuture.completedFuture(
                      new Places(places, List.of(), what.onlyLatest()))
                  : lost(what, partitions);
            });
  }

  /**
   * A cursor of another log, or beyond this one's head: whatever it had seen, go on with all that
   * is kept, and say so.
   */
  private CompletableFuture<Places> lost(Subscription what, int[] partitions) {
    long[] places = new long[partitions.length];
    if (what.onlyLatest()) {
      return CompletableFuture.completedFuture(new Places(places, List.of(), true));
    }
    List<TopicPattern> told =
        what.topics().size() <= GAPS_TOLD_SINGLY ? what.topics() : List.of(TopicPattern.ALL);
    CompletableFuture<List<Gap>> gaps = CompletableFuture.completedFuture(new ArrayList<>());
    for (TopicPattern topics : told) {
      for (int partition : log.partitionsOf(topics)) {
        ReadRequest oldest = new ReadRequest(partition, List.of(topics), 0, 1, PAGE_BYTES, false);
        gaps =
            gaps.thenCombine(
                log.read(oldest), (list, page) -> withGap(list, topics, partition, page));
      }
    }
    return gaps.thenApply(list -> new Places(places, list, true));
  }

  private static List<Gap> withGap(List<Gap> gaps, TopicPattern topics, int partition, Page page) {
    gaps.add(
        new Gap(
            topics, partition, page.messages().isEmpty() ? 0 : page.messages().get(0).sequence()));
    return gaps;
  }

  private CompletableFuture<Places> last(int count, List<TopicPattern> topics, int[] partitions) {
    return heads(partitions)
        .thenCompose(
            heads -> {
              CompletableFuture<List<LookBack.Spot>> newest =
                  CompletableFuture.completedFuture(new ArrayList<>());
              for (int i = 0; i < partitions.length; i++) {
                newest =
                    newest.thenCombine(
                        LookBack.from(heads[i] + 1, count, log, topics, partitions[i]),
                        Starts::joined);
              }
              return newest.thenApply(all -> beforeTheLast(count, all, partitions, heads));
            });
  }

  private static List<LookBack.Spot> joined(List<LookBack.Spot> one, List<LookBack.Spot> other) {
    List<LookBack.Spot> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  private static Places beforeTheLast(
      int count, List<LookBack.Spot> all, int[] partitions, long[] heads) {
    List<LookBack.Spot> newest = new ArrayList<>(all);
    // Partitions have no order among them; people expect the clock's.
    newest.sort(
        Comparator.comparingLong(LookBack.Spot::timeMillis)
            .thenComparingLong(LookBack.Spot::sequence));
    List<LookBack.Spot> wanted = newest.subList(Math.max(0, newest.size() - count), newest.size());
    long[] places = heads.clone();
    for (LookBack.Spot spot : wanted) {
      for (int i = 0; i < partitions.length; i++) {
        if (partitions[i] == spot.partition()) {
          places[i] = Math.min(places[i], spot.sequence() - 1);
        }
      }
    }
    return new Places(places, List.of(), true);
  }

  private CompletableFuture<Places> consumer(String name, Subscription what, int[] partitions) {
    return consumers
        .place(name)
        .thenCompose(
            place -> {
              if (place.isPresent()) {
                return after(place.get(), what, partitions);
              }
              return heads(partitions)
                  .thenCompose(heads -> consumers.create(name, cursor(partitions, heads)))
                  .thenCompose(created -> after(created, what, partitions));
            });
  }

  private Cursor cursor(int[] partitions, long[] sequences) {
    return new Cursor(log.epoch(), partitions.clone(), sequences.clone());
  }

  private CompletableFuture<long[]> heads(int[] partitions) {
    return each(partitions, log::head);
  }

  private interface PlaceOf {
    CompletionStage<Long> in(int partition);
  }

  private static CompletableFuture<long[]> each(int[] partitions, PlaceOf place) {
    CompletableFuture<long[]> all = CompletableFuture.completedFuture(new long[partitions.length]);
    for (int i = 0; i < partitions.length; i++) {
      int index = i;
      all =
          all.thenCombine(
              place.in(partitions[i]),
              (places, found) -> {
                places[index] = found;
                return places;
              });
    }
    return all;
  }
}
