package io.posthaste.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A receiver that remembers what it was told, and that can be made to say that it is full. */
final class Collector implements Receiver {
  final List<Message> messages = new CopyOnWriteArrayList<>();
  final List<Gap> gaps = new CopyOnWriteArrayList<>();
  final List<LogException> failures = new CopyOnWriteArrayList<>();
  volatile Predicate<Message> takesMore = message -> true;
  volatile boolean started;
  volatile boolean caughtUp;
  volatile String cursor = "";

  @Override
  public void onStarted(Reader reader) {
    started = true;
  }

  @Override
  public boolean onMessage(Reader reader, Message message) {
    messages.add(message);
    cursor = reader.cursor().toString();
    return takesMore.test(message);
  }

  @Override
  public void onMissed(Reader reader, List<Gap> missed) {
    gaps.addAll(missed);
  }

  @Override
  public void onBatchEnd(Reader reader, boolean caughtUp) {
    this.caughtUp = caughtUp;
  }

  @Override
  public void onFailed(Reader reader, LogException failure) {
    failures.add(failure);
  }

  List<String> payloads() {
    return messages.stream().map(message -> message.payload().utf8()).toList();
  }
}
