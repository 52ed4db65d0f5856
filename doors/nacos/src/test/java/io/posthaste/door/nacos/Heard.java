package io.posthaste.door.nacos;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** What a listener has been given, in order; an absent config as the text null. */
final class Heard implements Consumer<String> {
  final Queue<String> contents = new ConcurrentLinkedQueue<>();

  @Override
  public void accept(String content) {
    contents.add(content);
  }

  String last() {
    String last = "";
    for (String content : contents) {
      last = content;
    }
    return last;
  }
}
