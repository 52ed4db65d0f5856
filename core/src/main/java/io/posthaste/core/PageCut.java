package io.posthaste.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;

/** Gathers a page until it is full. */
final class PageCut {
  private final int maxMessages;
  private final int maxBytes;
  private final List<Message> messages = new ArrayList<>();
  private long weight;
  private boolean cut;

  PageCut(ReadRequest request) {
    maxMessages = request.maxMessages();
    maxBytes = request.maxBytes();
  }

  boolean isFull() {
    return messages.size() >= maxMessages || weight >= maxBytes;
  }

  void add(Message message) {
    messages.add(message);
    weight += message.weight();
  }

  /** Takes what stands first among the walks; false if the page was full before they ended. */
  boolean fill(PriorityQueue<Walk> walks) {
    while (!walks.isEmpty()) {
      if (isFull()) {
        cut = true;
        return false;
      }
      Walk walk = walks.remove();
      add(walk.next());
      if (walk.advance()) {
        walks.add(walk);
      }
    }
    return true;
  }

  /** Says that there may be more. */
  void cut() {
    cut = true;
  }

  boolean isCut() {
    return cut;
  }

  List<Message> messages() {
    return messages;
  }

  /** The sequence of the message that was added last. */
  long last() {
    return messages.get(messages.size() - 1).sequence();
  }

  /** The messages of a walk backward, turned. */
  List<Message> oldestFirst() {
    Collections.reverse(messages);
    return messages;
  }
}
