package io.posthaste.client;

import java.util.List;

/** What a poll found. Immutable. */
public final class Page {
  private final List<Message> messages;
  private final String next;
  private final boolean more;
  private final boolean missed;
  private final List<Gap> gaps;

  Page(List<Message> messages, String next, boolean more, boolean missed, List<Gap> gaps) {
    this.messages = List.copyOf(messages);
    this.next = next;
    this.more = more;
    this.missed = missed;
    this.gaps = List.copyOf(gaps);
  }

  /** The messages in log order. */
  public List<Message> messages() {
    return messages;
  }

  /**
   * Where to go on, whether there were messages or not: for {@link Reading#after}; of a page that
   * was asked for by {@link Reading#before}, for the next {@code before}.
   */
  public String next() {
    return next;
  }

  /** Whether there were further messages when the page was cut. */
  public boolean more() {
    return more;
  }

  /** Whether messages before these are no longer kept, and were not read. */
  public boolean missed() {
    return missed;
  }

  /** Where they are missing, if any are. */
  public List<Gap> gaps() {
    return gaps;
  }
}
