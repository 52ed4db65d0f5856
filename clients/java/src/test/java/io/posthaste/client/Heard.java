package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A listener that remembers; its callback can be held up. */
final class Heard implements Listener {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<Message> messages = new ArrayList<>();
  private final Semaphore gate = new Semaphore(1);
  private int taken;
  private volatile int missed;

  @Override
  public void onMessage(Message message) throws InterruptedException {
    gate.acquire();
    gate.release();
    synchronized (this) {
      messages.add(message);
    }
  }

  @Override
  public void onMissed(List<Gap> gaps) {
    missed++;
  }

  void pause() {
    gate.acquireUninterruptibly();
  }

  void resume() {
    gate.release();
  }

  boolean hasMissed() {
    return missed > 0;
  }

  void awaitMissed() {
    Awaitility.await("missed").atMost(LIMIT).until(this::hasMissed);
  }

  /** The next so many, which must be all there are. */
  List<Message> next(int count) {
    Awaitility.await("heard " + count)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .failFast("more was heard", () -> fresh().size() > count)
        .untilAsserted(() -> assertThat(fresh()).hasSize(count));
    List<Message> next = fresh();
    taken += count;
    return next;
  }

  private synchronized List<Message> fresh() {
    return List.copyOf(messages.subList(taken, messages.size()));
  }

  synchronized boolean any(Predicate<Message> like) {
    return messages.stream().anyMatch(like);
  }
}
