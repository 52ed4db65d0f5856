package io.posthaste.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A reader of several feeds, merged in log order partition by partition. What is committed marks
 * the feeds that it is in; only these are looked at. All that is at or below a <em>bound</em>
 * stands in the tails when the bound is taken, so merging up to it never finds a smaller sequence
 * later.
 */
final class MergedReader extends Reader implements Work, LogReads.Wanting {
  private static final int BATCH_MESSAGES = 1_000;

  private enum State {
    STARTING,
    READING,
    DELIVERING,
    LIVE,
    PAUSED,
    CLOSED
  }

  private final Shard shard;
  final Receiver receiver;
  private final boolean onlyLatest;
  private final int pageMessages; // of the log
  private final Feed[] feeds;
  private final int[] slots; // beside feeds: where this reader stands among the feed's
  private final int[] partitions; // rising
  private final long[] places; // beside partitions
  private final BitSet dirty = new BitSet(); // feeds to look at
  private State state = State.STARTING;
  private boolean everything = true; // look at all feeds, not only the dirty ones
  private boolean queued;
  private final BitSet quiet =
      new BitSet(); // partitions whose first page's gaps are none to this reader
  private int reading; // index of the partition that is read from the log

  MergedReader(Shard shard, Receiver receiver, Feed[] feeds, boolean onlyLatest, int pageMessages) {
    this.shard = shard;
    this.receiver = receiver;
    this.feeds = feeds;
    this.onlyLatest = onlyLatest;
    this.pageMessages = pageMessages;
    this.slots = new int[feeds.length];
    this.partitions =
        Arrays.stream(feeds).mapToInt(feed -> feed.partition).distinct().sorted().toArray();
    this.places = new long[partitions.length];
  }

  Feed[] feeds() {
    return feeds;
  }

  int slot(int feed) {
    return slots[feed];
  }

  /** The reader stands at another slot among a feed's readers. */
  void moved(int feed, int slot) {
    slots[feed] = slot;
  }

  void begin(Subscription what) {
    CompletableFuture<Void> opened = CompletableFuture.completedFuture(null);
    for (int partition : partitions) {
      opened = opened.thenCombine(opening(partition), (one, other) -> one);
    }
    CompletableFuture<Places> found =
        opened.thenCompose(all -> shard.hub().starts().of(what, partitions));
    if (found.isDone() && !found.isCompletedExceptionally()) {
      onPlaces(found.join());
      return;
    }
    found.whenComplete(
        (where, failure) ->
            shard.execute(
                this,
                () -> {
                  if (where != null) {
                    onPlaces(where);
                  } else {
                    fail(failure);
                  }
                }));
  }

  /** Done when the floors of all tails in a partition are known. */
  private CompletableFuture<Void> opening(int partition) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (Feed feed : feeds) {
      CompletableFuture<Void> opening = feed.opening();
      if (opening != null && feed.partition == partition) {
        all = all.thenCombine(opening, (one, other) -> one);
      }
    }
    return all;
  }

  private void onPlaces(Places where) {
    if (state == State.CLOSED) {
      return;
    }
    System.arraycopy(where.sequences(), 0, places, 0, places.length);
    quiet.set(0, partitions.length, where.quiet());
    state = State.DELIVERING;
    receiver.onStarted(this);
    if (state == State.DELIVERING && !where.gaps().isEmpty()) {
      receiver.onMissed(this, where.gaps());
    }
    if (state == State.DELIVERING) {
      pump();
    }
  }

  /** Something was committed to one of the feeds. */
  void markDirty(int feed) {
    dirty.set(feed);
    if (state == State.LIVE) {
      queue();
    }
  }

  private void queue() {
    if (!queued) {
      queued = true;
      shard.enqueue(this);
    }
  }

  @Override
  public int work(int budget) {
    queued = false;
    if (state == State.LIVE) {
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

  /**
   * Gives the receiver what the tails have, or asks the log about a partition whose tails do not
   * reach back so far.
   */
  private void pump() {
    state = State.DELIVERING;
    boolean more = false;
    for (int p = 0; p < partitions.length; p++) {
      long bound = bound(partitions[p]);
      Merge merge = merge(p, bound);
      if (merge == null) {
        read(p);
        return;
      }
      if (!give(merge.messages(), p)) {
        return;
      }
      if (merge.cut()) {
        more = true;
      } else {
        places[p] = Math.max(places[p], bound);
      }
    }
    if (more) {
      everything = true;
      endBatch(false, true);
      return;
    }
    everything = false;
    dirty.clear();
    quiet.clear();
    endBatch(false, false);
  }

  /**
   * Up to where it is known which feeds have something: if all are looked at, what the tails hold
   * (taken before they are looked at); if only the dirty ones, what has marked them.
   */
  private long bound(int partition) {
    return everything ? shard.hub().tails().tailed(partition) : shard.processed(partition);
  }

  private record Merge(List<Message> messages, boolean cut) {}

  /**
   * The next messages of a partition up to the bound; null if a tail does not reach back to the
   * reader's place.
   */
  private @Nullable Merge merge(int p, long bound) {
    List<Message> found = new ArrayList<>();
    long complete = bound; // every feed has been taken up to here
    for (int f = everything ? 0 : dirty.nextSetBit(0);
        f >= 0 && f < feeds.length;
        f = everything ? f + 1 : dirty.nextSetBit(f + 1)) {
      Feed feed = feeds[f];
      if (feed.partition != partitions[p]) {
        continue;
      }
      Message[] messages = feed.after(places[p], onlyLatest ? Integer.MAX_VALUE : BATCH_MESSAGES);
      if (messages == null) {
        return null;
      }
      if (messages.length == BATCH_MESSAGES) {
        complete = Math.min(complete, messages[BATCH_MESSAGES - 1].sequence());
      }
      found.addAll(Arrays.asList(messages));
    }
    if (found.isEmpty()) {
      return new Merge(found, false);
    }
    found.sort(Comparator.comparingLong(Message::sequence));
    List<Message> merged = new ArrayList<>(found.size());
    long last = 0;
    for (Message message : found) {
      if (message.sequence() <= complete && message.sequence() != last) {
        last = message.sequence();
        merged.add(message);
      }
    }
    boolean cut = complete < bound;
    if (onlyLatest && merged.size() > 1) {
      merged = Latest.of(merged.toArray(new Message[0]), 0);
    }
    return new Merge(merged, cut);
  }

  /** Gives messages of a partition; false if the reader is paused or closed by that. */
  private boolean give(List<Message> messages, int p) {
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      places[p] = message.sequence();
      boolean full = !receiver.onMessage(this, message);
      if (state == State.CLOSED) {
        return false;
      }
      if (full) {
        shard.delivered(i + 1);
        everything = true;
        endBatch(true, i + 1 < messages.size() || isBehind());
        return false;
      }
    }
    shard.delivered(messages.size());
    return true;
  }

  private boolean isBehind() {
    for (Feed feed : feeds) {
      if (!feed.isQuietAfter(places[indexOf(feed.partition)])) {
        return true;
      }
    }
    return false;
  }

  private void endBatch(boolean full, boolean more) {
    receiver.onBatchEnd(this, !more);
    if (state != State.DELIVERING) {
      return;
    }
    state = full ? State.PAUSED : State.LIVE;
    if (!full && (more || !dirty.isEmpty())) {
      queue();
    }
  }

  private void read(int p) {
    reading = p;
    state = State.READING;
    CompletableFuture<Void> opening = opening(partitions[p]);
    if (opening.isDone() && !opening.isCompletedExceptionally()) {
      shard.hub().reads().request(this);
    } else {
      // Tails were interrupted: they can soon be trusted again.
      opening.whenComplete((opened, failure) -> shard.execute(this, () -> onOpenedAnew(failure)));
    }
  }

  private void onOpenedAnew(@Nullable Throwable failure) {
    if (failure != null) {
      fail(failure);
    } else if (state == State.READING) {
      pump();
    }
  }

  @Override
  public @Nullable CompletionStage<Page> read() {
    if (state == State.CLOSED) {
      return null;
    }
    Hub hub = shard.hub();
    List<TopicPattern> topics = new ArrayList<>();
    for (Feed feed : feeds) {
      if (feed.partition == partitions[reading]) {
        topics.add(feed.pattern);
      }
    }
    return hub.log()
        .read(
            new ReadRequest(
                partitions[reading],
                topics,
                places[reading],
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
    if (state != State.READING) {
      return;
    }
    int p = reading;
    state = State.DELIVERING;
    if (!page.gaps().isEmpty() && !quiet.get(p) && !onlyLatest) {
      receiver.onMissed(this, page.gaps());
      if (state == State.CLOSED) {
        return;
      }
    }
    // A reader of the latest only is not told of gaps, so it cannot vouch that there are none.
    if (page.messages().isEmpty() && page.gaps().isEmpty() && !page.more() && !onlyLatest) {
      for (Feed feed : feeds) {
        if (feed.partition == partitions[p]) {
          feed.nothingBetween(places[p], page.through());
        }
      }
    }
    quiet.clear(p);
    everything = true;
    if (!give(page.messages(), p)) {
      return;
    }
    places[p] = Math.max(places[p], page.through());
    if (page.more()) {
      receiver.onBatchEnd(this, false);
      if (state == State.DELIVERING) {
        read(p);
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
    if (state != State.CLOSED) {
      close();
      receiver.onFailed(this, LogException.of(failure));
    }
  }

  void onInterrupted() {
    everything = true;
    if (state == State.LIVE) {
      queue();
    }
  }

  @Override
  public void resume() {
    if (state == State.PAUSED) {
      state = State.LIVE;
      everything = true;
      queue();
    } else if (state == State.DELIVERING) {
      shard.execute(this, this::resumeIfPaused);
    }
  }

  private void resumeIfPaused() {
    if (state == State.PAUSED) {
      resume();
    }
  }

  private int indexOf(int partition) {
    return Arrays.binarySearch(partitions, partition);
  }

  long place(int partition) {
    return places[indexOf(partition)];
  }

  @Override
  public Shard shard() {
    return shard;
  }

  @Override
  public Cursor cursor() {
    if (state == State.LIVE && dirty.isEmpty() && !everything) {
      for (int p = 0; p < partitions.length; p++) {
        places[p] = Math.max(places[p], shard.processed(partitions[p]));
      }
    }
    return new Cursor(shard.hub().epoch(), partitions.clone(), places.clone());
  }

  @Override
  public List<TopicPattern> topics() {
    // A pattern over several partitions has a feed in each.
    return Arrays.stream(feeds).map(feed -> feed.pattern).distinct().toList();
  }

  @Override
  public boolean readsOnePartition() {
    return partitions.length == 1;
  }

  @Override
  public void close() {
    if (state != State.CLOSED) {
      if (state == State.READING) {
        shard.hub().reads().cancel(this);
      }
      state = State.CLOSED;
      shard.remove(this);
    }
  }
}
