package io.posthaste.testkit;

import static java.util.stream.Collectors.toList;

import io.posthaste.core.CommitListener;
import io.posthaste.core.Log;
import io.posthaste.core.Message;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes down what a log tells of commits, and complains of what it should not. Thread-safe. */
final class HeardCommits implements CommitListener {
  private final Log log;
  private final Map<Integer, List<Message>> messages = new HashMap<>();
  private final Map<Integer, List<String>> calls = new HashMap<>();
  private final Map<Integer, Long> heads = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();

  HeardCommits(Log log) {
    this.log = log;
  }

  @Override
  public void onCommit(int partition, List<Message> committed, long head) {
    // Only an engine that answers at once can be asked here, where nobody may block.
    Long visible = log.head(partition).toCompletableFuture().getNow(Long.MAX_VALUE);
    synchronized (this) {
      if (visible < head) {
        complaints.add("told of " + head + " while the head was " + visible);
      }
      if (heads.getOrDefault(partition, 0L) > head) {
        complaints.add("told of " + head + " after " + heads.get(partition));
      }
      for (Message message : committed) {
        if (message.partition() != partition || message.sequence() > head) {
          complaints.add("told of " + message + " with the head at " + head);
        }
      }
      heads.put(partition, head);
      messages.computeIfAbsent(partition, key -> new ArrayList<>()).addAll(committed);
      calls.computeIfAbsent(partition, key -> new ArrayList<>()).add("commit");
    }
  }

  @Override
  public synchronized void onAcknowledged(int partition) {
    calls.computeIfAbsent(partition, key -> new ArrayList<>()).add("acknowledged");
  }

  @Override
  public synchronized void onInterrupted(int partition) {
    calls.computeIfAbsent(partition, key -> new ArrayList<>()).add("interrupted");
  }

  /** What was heard of these topics; an engine may tell of others too. */
  synchronized List<Message> messages(int partition, String topics) {
    TopicPattern pattern = new TopicPattern(topics);
    return messages.getOrDefault(partition, List.of()).stream()
        .filter(message -> pattern.matches(message.topic()))
        .collect(toList());
  }

  synchronized List<String> calls(int partition) {
    return List.copyOf(calls.getOrDefault(partition, List.of()));
  }

  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }
}
