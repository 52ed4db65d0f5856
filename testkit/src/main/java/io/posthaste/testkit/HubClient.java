package io.posthaste.testkit;

import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Hub;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.Shard;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.TopicPattern;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client without a wire: what any other door must agree with. */
public final class HubClient implements DoorClient {
  private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
  private final Shard shard;
  private final Reader reader;

  /** Subscribes to what is wanted. */
  public HubClient(Hub hub, Want want) {
    shard = hub.shards().get(0);
    Start start = start(want.after());
    List<TopicPattern> topics = want.topics().stream().map(TopicPattern::new).toList();
    Subscription what = new Subscription(topics, start, want.onlyLatest());
    try {
      reader = shard.loop().submit(() -> shard.subscribe(what, new Queueing())).get();
    } catch (Exception e) {
      throw new AssertionError("not subscribed", e);
    }
  }

  private static Start start(String after) {
    return switch (after) {
      case "" -> Start.NOW;
      case "0" -> Start.BEGINNING;
      default -> new Start.After(Cursor.parse(after));
    };
  }

  private final class Queueing implements Receiver {
    @Override
    public void onStarted(Reader reader) {
      seen.add(Seen.place(reader.cursor().toString()));
    }

    @Override
    public boolean onMessage(Reader reader, Message message) {
      return seen.add(
          Seen.message(
              message.topic().name(), message.payload().utf8(), reader.cursor().toString()));
    }

    @Override
    public void onMissed(Reader reader, List<Gap> gaps) {
      seen.add(Seen.missed());
    }

    @Override
    public void onBatchEnd(Reader reader, boolean caughtUp) {
      // Nothing is held back.
    }

    @Override
    public void onFailed(Reader reader, LogException failure) {
      seen.add(Seen.end());
    }
  }

  @Override
  public Seen next(Duration limit) {
    try {
      Seen next = seen.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new AssertionError("nothing within " + limit);
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    shard.loop().execute(reader::close);
  }
}
