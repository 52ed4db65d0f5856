package io.posthaste.engine.jetstream;

import io.posthaste.core.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Walks forward over the messages of one subject or filter, up to a sequence at which one of them
 * is known to stand. A server tells the next match one at a time, so a stretch is cut into segments
 * that are walked side by side; how long it is follows from how thick the matches have stood so
 * far. Used by one caller at a time.
 */
final class Walk {
  private static final int SEGMENTS = 16;
  private static final int FIRST_MESSAGES = 4;
  private static final int SEGMENT_MESSAGES = 4;

  private final Wire wire;
  private final Partition partition;
  private final String filter;
  private final long end; // exclusive
  private final Deque<Message> buffer = new ArrayDeque<>();
  private long position;
  private double spacing; // sequences from match to match; 0 if not known yet

  /**
   * @param position where to begin
   * @param end what to stop below; above the newest match
   */
  Walk(Wire wire, Partition partition, String filter, long position, long end) {
    this.wire = wire;
    this.partition = partition;
    this.filter = filter;
    this.position = position;
    this.end = end;
  }

  /** The next message if it is there already. */
  @Nullable Message peek() {
    return buffer.peek();
  }

  void remove() {
    buffer.remove();
  }

  /** Whether there is nothing more, neither here nor in the stream. */
  boolean isOver() {
    return buffer.isEmpty() && position >= end;
  }

  /**
   * Brings the next messages, at least one unless the walk is over.
   *
   * @param messages about how many are wanted
   * @param maxBytes about how much they may weigh
   */
  CompletableFuture<Void> fill(int messages, int maxBytes) {
    if (position >= end) {
      return CompletableFuture.completedFuture(null);
    }
    int segments = 1;
    long to = end;
    int each = Math.min(messages, FIRST_MESSAGES);
    if (spacing > 0 && messages > SEGMENT_MESSAGES) {
      segments = Math.min(SEGMENTS, messages / SEGMENT_MESSAGES);
      to = Math.min(end, position + Math.max(segments, (long) (spacing * messages)));
      each = Integer.MAX_VALUE;
    }
    long begin = position;
    List<CompletableFuture<Segment>> walked = new ArrayList<>();
    long length = Math.max(1, (to - begin + segments - 1) / segments);
    for (long at = begin; at < to; at += length) {
      Segment segment =
          new Segment(at, Math.min(to, at + length), each, Math.max(1, maxBytes / SEGMENTS));
      walked.add(segment.walk());
    }
    CompletableFuture<Void> all = CompletableFuture.allOf(walked.toArray(CompletableFuture[]::new));
    return all.thenCompose(
        done -> {
          for (CompletableFuture<Segment> one : walked) {
            Segment segment = one.join();
            buffer.addAll(segment.found);
            position = Math.max(position, segment.next);
            if (segment.next < segment.to) {
              break; // it was cut short, so what others found does not follow
            }
          }
          int found = buffer.size();
          spacing = (double) (Math.min(position, end) - begin) / Math.max(found, 1);
          return found > 0 ? all : fill(messages, maxBytes);
        });
  }

  /** A part of the stretch, walked one match after the other. */
  private final class Segment {
    private final long to;
    private final int maxMessages;
    private final int maxBytes;
    private final List<Message> found = new ArrayList<>();
    private final CompletableFuture<Segment> walked = new CompletableFuture<>();
    private long next;
    private long weight;

    Segment(long from, long to, int maxMessages, int maxBytes) {
      this.next = from;
      this.to = to;
      this.maxMessages = maxMessages;
      this.maxBytes = maxBytes;
    }

    CompletableFuture<Segment> walk() {
      step();
      return walked;
    }

    private void step() {
      if (next >= to || found.size() >= maxMessages || weight >= maxBytes) {
        walked.complete(this);
        return;
      }
      wire.next(partition.stream, next, filter)
          .whenComplete(
              (entry, failure) -> {
                try {
                  if (failure != null) {
                    walked.completeExceptionally(failure);
                  } else if (entry.isEmpty()) {
                    next = end; // what stood there has gone meanwhile
                    walked.complete(this);
                  } else {
                    take(entry.get());
                    step();
                  }
                } catch (RuntimeException e) { // an entry that is no message of ours
                  walked.completeExceptionally(e);
                }
              });
    }

    private void take(Entry entry) {
      if (entry.sequence() >= to) {
        next = entry.sequence();
        return;
      }
      Message message = Codec.message(partition, entry);
      found.add(message);
      weight += message.weight();
      next = entry.sequence() + 1;
    }
  }
}
