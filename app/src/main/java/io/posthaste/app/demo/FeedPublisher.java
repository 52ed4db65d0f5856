package io.posthaste.app.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Hub;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes one of the demo's topics, from one thread: numbers its messages and notes when each was
 * made.
 */
final class FeedPublisher {
  private static final Logger LOGGER = LoggerFactory.getLogger(FeedPublisher.class);
  private static final int MOST_UNDER_WAY = 256;

  private final Hub hub;
  private final Topic topic;
  private final String from;
  private final Semaphore room = new Semaphore(MOST_UNDER_WAY);
  private final AtomicBoolean failed = new AtomicBoolean();
  private String run = newRun();
  private long number;

  FeedPublisher(Hub hub, String topic, String from) {
    this.hub = hub;
    this.topic = new Topic(topic);
    this.from = from;
  }

  private static String newRun() {
    return Long.toString(ThreadLocalRandom.current().nextLong(1L << 48), 36);
  }

  /**
   * Publishes a message; leaves it if the log is far behind.
   *
   * @param content puts in what it says
   */
  void publish(Consumer<ObjectNode> content) {
    if (room.tryAcquire()) {
      append(content);
    }
  }

  /** Publishes a message; waits if the log is far behind. */
  void publishInTurn(Consumer<ObjectNode> content) throws InterruptedException {
    room.acquire();
    append(content);
  }

  private void append(Consumer<ObjectNode> content) {
    if (failed.getAndSet(false)) {
      // Numbers were spent on what was not kept: readers are not to look for it.
      run = newRun();
      number = 0;
    }
    ObjectNode data =
        JsonNodeFactory.instance.objectNode().put("from", from).put("run", run).put("n", ++number);
    content.accept(data);
    data.put("sent", Demo.nowMicros());
    hub.publish(Append.of(topic, "application/json", Payload.of(data.toString())))
        .whenComplete(this::published);
  }

  private void published(@Nullable Appended outcome, @Nullable Throwable failure) {
    room.release();
    if (!(outcome instanceof Appended.Stored) && !failed.getAndSet(true)) {
      LOGGER.warn("not published topic={} reason={}", topic, failure == null ? outcome : failure);
    }
  }
}
