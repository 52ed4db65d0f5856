package io.posthaste.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Walks over all that a log holds, the server's own topics included, by batches. Within a partition
 * in log order; partitions, which have no order among them, are merged by their messages' times.
 * The batches depend on nothing but the log and the place to begin. Blocks on the log; not
 * thread-safe.
 */
final class LogWalk {
  private static final int BATCH_MESSAGES = 1_000;
  private static final int BATCH_BYTES = 1 << 20;

  /** The messages of one partition that are read and not yet walked over. */
  private static final class Lane {
    final int partition;
    final Deque<Message> ahead = new ArrayDeque<>();
    long place;
    boolean more = true;

    Lane(int partition, long place) {
      this.partition = partition;
      this.place = place;
    }
  }

  private final Log log;
  private final List<TopicPattern> everything;
  private final Predicate<Topic> wanted;
  private final List<Lane> lanes;
  private Cursor through;

  /**
   * @param wanted of which topics messages are given; others are passed over
   * @param after where to begin
   */
  LogWalk(Log log, Predicate<Topic> wanted, Cursor after) {
    this.log = log;
    this.wanted = wanted;
    this.through = after;
    this.everything =
        Stream.concat(
                Stream.of(TopicPattern.ALL),
                LogWaits.ownRoots(log).stream().map(root -> new TopicPattern(root + "/#")))
            .toList();
    this.lanes = log.partitions().stream().map(p -> new Lane(p, after.sequenceIn(p, 0))).toList();
  }

  /** The place before everything. */
  static Cursor beginning(Log log) {
    Cursor place = Cursor.of(log.epoch(), log.partitions().get(0), 0);
    for (int partition : log.partitions()) {
      place = place.with(partition, 0);
    }
    return place;
  }

  /** The next messages; none if there are no more. */
  List<Message> next() {
    List<Message> batch = new ArrayList<>();
    int bytes = 0;
    while (batch.size() < BATCH_MESSAGES && bytes < BATCH_BYTES) {
      Lane lane = earliest();
      if (lane == null) {
        break;
      }
      Message message = lane.ahead.remove();
      through = through.with(lane.partition, message.sequence());
      batch.add(message);
      bytes += message.weight();
    }
    return batch;
  }

  /** Up to where all that is wanted was given. */
  Cursor through() {
    return through;
  }

  private @Nullable Lane earliest() {
    Lane earliest = null;
    for (Lane lane : lanes) {
      while (lane.ahead.isEmpty() && lane.more) {
        read(lane);
      }
      Message first = lane.ahead.peek();
      if (first != null
          && (earliest == null || first.timeMillis() < earliest.ahead.element().timeMillis())) {
        earliest = lane;
      }
    }
    return earliest;
  }

  private void read(Lane lane) {
    Page page =
        LogWaits.answer(
            log.read(
                new ReadRequest(
                    lane.partition, everything, lane.place, BATCH_MESSAGES, BATCH_BYTES, false)));
    lane.place = page.through();
    lane.more = page.more();
    for (Message message : page.messages()) {
      if (wanted.test(message.topic())) {
        lane.ahead.add(message);
      }
    }
  }
}
