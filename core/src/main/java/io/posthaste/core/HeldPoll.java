package io.posthaste.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A poll: a reader that lives until it has found something or its wait is over. It is answered with
 * the first page or stretch of a tail that has something, so that polls which are behind hold no
 * more than that while they wait for the log.
 */
final class HeldPoll extends Wheel.Entry implements Receiver, PendingPoll {
  /** An answer is cut once its messages weigh this much. */
  private static final long MAX_BYTES = 4 << 20;

  /**
   * A poll that need not wait for messages waits so long for the log to tell whether there are any.
   */
  private static final long LOG_LIMIT_MILLIS = 10_000;

  private final Shard shard;
  private final PollListener listener;
  private final Start start;
  private final int limit;
  private final long waitMillis;
  private @Nullable Reader reader;
  private @Nullable List<Message> messages;
  private @Nullable List<Gap> gaps;
  private long bytes;
  private boolean started;
  private boolean caughtUp;
  private boolean answered;

  HeldPoll(Shard shard, Poll poll, PollListener listener) {
    this.shard = shard;
    this.listener = listener;
    this.start = poll.what().start();
    this.limit = poll.limit();
    this.waitMillis = poll.waitMillis();
  }

  /** Begins to wait: by its deadline it is answered, whether the log does its part or not. */
  void begin(Reader reader) {
    this.reader = reader;
    shard.wheel().set(this, waitMillis == 0 ? LOG_LIMIT_MILLIS : waitMillis);
  }

  @Override
  public void onStarted(Reader reader) {
    started = true;
  }

  @Override
  public boolean onMessage(Reader reader, Message message) {
    List<Message> found = messages;
    if (found == null) {
      found = new ArrayList<>(1);
      messages = found;
    }
    found.add(message);
    bytes += message.weight();
    return found.size() < limit && bytes < MAX_BYTES;
  }

  @Override
  public void onMissed(Reader reader, List<Gap> missed) {
    List<Gap> all = new ArrayList<>(gaps == null ? List.of() : gaps);
    all.addAll(missed);
    gaps = all;
  }

  @Override
  public void onBatchEnd(Reader reader, boolean caughtUp) {
    this.caughtUp = caughtUp;
    if (messages != null || gaps != null || caughtUp && waitMillis == 0) {
      answer(reader, !caughtUp);
    }
  }

  @Override
  public void onFailed(Reader reader, LogException failure) {
    if (end()) {
      listener.onFailed(failure);
    }
  }

  @Override
  protected void onDeadline() {
    answerNow();
  }

  @Override
  public void answerNow() {
    Reader of = reader;
    if (of == null || answered) {
      return;
    }
    if (started) {
      answer(of, !caughtUp);
    } else if (start instanceof Start.After after) {
      answer(after.cursor(), true);
    } else {
      onFailed(of, new LogException("the log did not answer in time (expected: a retry)"));
    }
  }

  private void answer(Reader of, boolean more) {
    answer(of.cursor(), more);
  }

  private void answer(Cursor next, boolean more) {
    if (end()) {
      listener.onResult(
          new PollResult(
              messages == null ? List.of() : messages,
              next,
              more,
              gaps == null ? List.of() : gaps));
    }
  }

  @Override
  public List<TopicPattern> topics() {
    Reader of = reader;
    return of == null ? List.of() : of.topics();
  }

  @Override
  public void cancel() {
    end();
  }

  private boolean end() {
    if (answered) {
      return false;
    }
    answered = true;
    shard.wheel().cancel(this);
    shard.pollEnded();
    if (reader != null) {
      reader.close();
    }
    return true;
  }
}
