package io.posthaste.core;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A reader of one topic or pattern in one partition: by far the most common, and kept small. Its
 * place is one number.
 *
 * <pre>
 *                   ┌────────── below the floor ──────────┐
 *   STARTING ──▶ pump ──▶ LIVE ──▶ (a pass) DELIVERING ───┼──▶ READING ──▶ a page ──▶ pump
 *                  ▲                     │ full           │
 *                  └──── QUEUED ◀── PAUSED ◀──────────────┘            CLOSED from any
 * </pre>
 */
final class SingleReader extends Reader implements Work, LogReads.Wanting {
  private static final int TAIL_MESSAGES = 1_000;

  private static final byte STARTING = 0;
  private static final byte QUEUED = 1; // in the shard's queue, to pump
  private static final byte READING = 2; // waiting for a page of the log
  private static final byte DELIVERING = 3; // the receiver is being called
  private static final byte LIVE = 4; // has everything; passes bring what is new
  private static final byte PAUSED = 5; // the receiver is full
  private static final byte CLOSED = 6;

  private final Shard shard;
  final Receiver receiver;
  private final Feed feed;
  int slot; // among the feed's readers on the shard
  private long place;
  private byte state = STARTING;
  private boolean quiet; // the first page's gaps are none to this reader
  private final boolean onlyLatest;
  private final int pageMessages; // of the log

  SingleReader(Shard shard, Receiver receiver, Feed feed, boolean onlyLatest, int pageMessages) {
    this.shard = shard;
    this.receiver = receiver;
    this.feed = feed;
    this.onlyLatest = onlyLatest;
    this.pageMessages = pageMessages;
  }

  /** Finds the place to begin, then reads. */
  void begin(Subscription what) {
    CompletableFuture<Void> opening = feed.opening();
    if (opening == null) {
      resolve(what);
    } else {
      opening.whenComplete((opened, failure) -> shard.execute(this, () -> onOpened(what, failure)));
    }
  }

  private void onOpened(Subscription what, @Nullable Throwable failure) {
    if (failure != null) {
      fail(failure);
    } else if (state != CLOSED) {
      resolve(what);
    }
  }

  private void resolve(Subscription what) {
    long known = shard.hub().starts().placeAtOnce(what.start(), feed.partition);
    if (known >= 0) {
      begin(known, List.of(), onlyLatest);
      return;
    }
    CompletableFuture<Places> places = shard.hub().starts().of(what, new int[] {feed.partition});
    if (places.isDone() && !places.isCompletedExceptionally()) {
      onPlaces(places.join());
    } else {
      places.whenComplete(
          (found, failure) ->
              shard.execute(
                  this,
                  () -> {
                    if (found != null) {
                      onPlaces(found);
                    } else {
                      fail(failure);
                    }
                  }));
    }
  }

  private void onPlaces(Places places) {
    if (state != CLOSED) {
      begin(places.sequences()[0], places.gaps(), places.quiet());
    }
  }

  private void begin(long where, List<Gap> gaps, boolean withoutGaps) {
    place = where;
    quiet = withoutGaps;
    state = DELIVERING;
    receiver.onStarted(this);
    if (state == DELIVERING && !gaps.isEmpty()) {
      receiver.onMissed(this, gaps);
    }
    if (state == DELIVERING) {
      pump();
    }
  }

  /**
   * Gives the receiver what the tail has, or asks the log if the tail does not reach back so far.
   */
  private void pump() {
    // Of the newest only, all must be looked at.
    Message[] messages = feed.after(place, onlyLatest ? Integer.MAX_VALUE : TAIL_MESSAGES);
    if (messages == null) {
      read(feed.opening());
      return;
    }
    quiet = false;
    boolean more =
        messages.length == TAIL_MESSAGES
            && !feed.isQuietAfter(messages[TAIL_MESSAGES - 1].sequence());
    if (deliver(messages, 0, more) && more) {
      queue();
    }
  }

  /** Reads the log; but if the tail was interrupted, first waits until it can be trusted again. */
  private void read(@Nullable CompletableFuture<Void> opening) {
    state = READING;
    if (opening == null) {
      shard.hub().reads().request(this);
    } else {
      opening.whenComplete((opened, failure) -> shard.execute(this, () -> onOpenedAnew(failure)));
    }
  }

  private void onOpenedAnew(@Nullable Throwable failure) {
    if (failure != null) {
      fail(failure);
    } else if (state == READING) {
      state = DELIVERING;
      pump();
    }
  }

  /** A pass brings what is new. */
  void onBatch(Feed.Batch batch) {
    if (state != LIVE) {
      return;
    }
    if (place < batch.floor()) {
      state = DELIVERING;
      pump();
      return;
    }
    Message[] messages = batch.messages();
    int from = 0;
    while (from < messages.length && messages[from].sequence() <= place) {
      from++;
    }
    if (from < messages.length) {
      deliver(messages, from, batch.more());
    }
  }

  /** Returns whether the receiver took it all and the reader is live. */
  private boolean deliver(Message[] messages, int from, boolean more) {
    state = DELIVERING;
    boolean full = false;
    int i = from;
    if (onlyLatest && messages.length - from > 1) {
      return deliverLatest(messages, from, more);
    }
    while (i < messages.length && !full) {
      Message message = messages[i++];
      place = message.sequence();
      full = !receiver.onMessage(this, message);
      if (state == CLOSED) {
        return false;
      }
    }
    shard.delivered(i - from);
    return endBatch(full, more || i < messages.length);
  }

  private boolean deliverLatest(Message[] messages, int from, boolean more) {
    List<Message> latest = Latest.of(messages, from);
    boolean full = false;
    int i = 0;
    while (i < latest.size() && !full) {
      Message message = latest.get(i++);
      place = message.sequence();
      full = !receiver.onMessage(this, message);
      if (state == CLOSED) {
        return false;
      }
    }
    shard.delivered(i);
    return endBatch(full, more || i < latest.size());
  }

  private boolean endBatch(boolean full, boolean more) {
    receiver.onBatchEnd(this, !more);
    if (state == DELIVERING) {
      state = full ? PAUSED : LIVE;
      if (!full && !more) {
        shard.readersOf(feed).onLive(place);
      }
      return !full;
    }
    return false;
  }

  @Override
  public @Nullable CompletionStage<Page> read() {
    if (state == CLOSED) {
      return null;
    }
    Hub hub = shard.hub();
    return hub.log()
        .read(
            new ReadRequest(
                feed.partition,
                List.of(feed.pattern),
                place,
                pageMessages,
                hub.pageBytes(),
                onlyLatest));
  }

  @Override
  public void onPage(Page page) {
    try {
      take(page);
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  private void take(Page page) {
    if (state != READING) {
      return;
    }
    state = DELIVERING;
    if (!page.gaps().isEmpty() && !quiet && !onlyLatest) {
      receiver.onMissed(this, page.gaps());
      if (state == CLOSED) {
        return;
      }
    }
    quiet = false;
    List<Message> messages = page.messages();
    // A reader of the latest only is not told of gaps, so it cannot vouch that there are none.
    if (messages.isEmpty() && page.gaps().isEmpty() && !page.more() && !onlyLatest) {
      feed.nothingBetween(place, page.through());
    }
    boolean full = false;
    int i = 0;
    while (i < messages.size() && !full) {
      Message message = messages.get(i++);
      place = message.sequence();
      full = !receiver.onMessage(this, message);
      if (state == CLOSED) {
        return;
      }
    }
    shard.delivered(i);
    if (i == messages.size()) {
      place = Math.max(place, page.through());
    }
    if (full) {
      endBatch(true, i < messages.size() || page.more() || !feed.isQuietAfter(place));
    } else if (page.more()) {
      if (i > 0) {
        receiver.onBatchEnd(this, false);
      }
      if (state == DELIVERING) {
        state = READING;
        shard.hub().reads().request(this);
      }
    } else {
      pump();
    }
  }

  @Override
  public void onReadFailed(Throwable failure) {
    fail(failure);
  }

  @Override
  void fail(@Nullable Throwable failure) {
    if (state != CLOSED) {
      close();
      receiver.onFailed(this, LogException.of(failure));
    }
  }

  /** The tail has a hole: what was heard last is not all that there was. */
  void onInterrupted() {
    if (state == LIVE) {
      queue();
    }
  }

  @Override
  public void resume() {
    if (state == PAUSED) {
      queue();
    } else if (state == DELIVERING) {
      shard.execute(this, this::resumeIfPaused);
    }
  }

  private void resumeIfPaused() {
    if (state == PAUSED) {
      queue();
    }
  }

  /** Pumping in a turn of its own keeps the stack flat and is fair to others. */
  private void queue() {
    state = QUEUED;
    shard.enqueue(this);
  }

  @Override
  public int work(int budget) {
    if (state == QUEUED) {
      state = DELIVERING;
      try {
        pump();
      } catch (RuntimeException | Error e) {
        broke(e);
      }
    }
    return 1;
  }

  @Override
  public boolean hasMore() {
    return false;
  }

  @Override
  public Shard shard() {
    return shard;
  }

  @Override
  public Cursor cursor() {
    if (state == LIVE) {
      long head = shard.hub().tails().tailed(feed.partition);
      if (head > place && feed.isQuietAfter(place)) {
        place = head;
      }
    }
    return Cursor.of(shard.hub().epoch(), feed.partition, place);
  }

  long place() {
    return place;
  }

  @Override
  public List<TopicPattern> topics() {
    return List.of(feed.pattern);
  }

  @Override
  public boolean readsOnePartition() {
    return true;
  }

  @Override
  public void close() {
    if (state != CLOSED) {
      if (state == READING) {
        shard.hub().reads().cancel(this);
      }
      state = CLOSED;
      shard.remove(this, feed);
    }
  }
}
