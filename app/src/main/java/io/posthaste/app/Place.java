package io.posthaste.app;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription reads and how far it has come. It begins with what was asked for, and is a
 * cursor once the server has told one; so whoever connects next, by whatever technique, goes on
 * there.
 */
final class Place {
  private final List<String> topics;
  private final @Nullable Integer last;
  private volatile @Nullable String cursor;

  /**
   * A place to begin with.
   *
   * @param after a cursor, {@code 0} or {@code @TIME}; null for none
   * @param last to begin with the newest so many; null for not
   */
  Place(List<String> topics, @Nullable String after, @Nullable Integer last) {
    this.topics = List.copyOf(topics);
    this.cursor = after;
    this.last = after == null ? last : null;
  }

  List<String> topics() {
    return topics;
  }

  /** The cursor; null while the server has told none. */
  @Nullable String cursor() {
    return cursor;
  }

  /** How many of the newest to begin with; null if that is past or was not asked for. */
  @Nullable Integer last() {
    return cursor == null ? last : null;
  }

  void seen(String next) {
    cursor = next;
  }

  /** The query of {@code /v1/updates}. */
  String query() {
    StringBuilder query = new StringBuilder();
    for (String topic : topics) {
      query.append(query.isEmpty() ? "?" : "&").append("topic=").append(Client.encode(topic));
    }
    String here = cursor;
    if (here != null) {
      query.append("&after=").append(Client.encode(here));
    } else if (last != null) {
      query.append("&last=").append(last);
    }
    return query.toString();
  }
}
