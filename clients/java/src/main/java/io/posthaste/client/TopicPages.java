package io.posthaste.client;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Topics, page by page as they are wanted. To be used by one thread. */
final class TopicPages implements Iterator<TopicEntry> {
  private final Function<@Nullable String, Part> pages;
  private final Queue<TopicEntry> found = new ArrayDeque<>();
  private @Nullable String after;
  private boolean more = true;

  /** A page of topics. */
  static final class Part {
    final List<TopicEntry> topics;
    final @Nullable String next;
    final boolean more;

    Part(List<TopicEntry> topics, @Nullable String next, boolean more) {
      this.topics = topics;
      this.next = next;
      this.more = more;
    }
  }

  /**
   * @param pages gives the page after that; after null for the first
   */
  TopicPages(Function<@Nullable String, Part> pages) {
    this.pages = pages;
  }

  static Part parse(JsonObject json) throws IOException {
    List<TopicEntry> topics = new ArrayList<>();
    for (JsonObject topic : json.objects("topics")) {
      topics.add(new TopicEntry(topic.expect("topic"), topic.expect("id")));
    }
    return new Part(topics, json.text("next"), json.isTrue("more"));
  }

  @Override
  public boolean hasNext() {
    while (found.isEmpty() && more) {
      Part page = pages.apply(after);
      found.addAll(page.topics);
      after = page.next;
      more = page.more && page.next != null;
    }
    return !found.isEmpty();
  }

  @Override
  public TopicEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return found.remove();
  }
}
