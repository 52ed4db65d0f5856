package io.posthaste.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a reader asks to wait, as templates that know {@code {run}}, {@code {topic}}, {@code
 * {connection}} (its number) and {@code {ref}} (the number of a subscription within its connection;
 * in frames only).
 *
 * @param first the whole first HTTP request, blank line included
 * @param next what is asked after an answer, or to come back: knows {@code {cursor0}}… too. Null
 *     repeats the first
 * @param cursors where what is answered tells the place for the next
 * @param firstIsHeld whether the first request of a long poll is itself held; if not, the reader
 *     counts as waiting once its second is sent
 * @param frame a WebSocket text frame to send for each subscription, or null if the request itself
 *     subscribes
 * @param ready the text that answers each subscribed {@code frame}; null if nothing does
 */
public record Opening(
    String first,
    @Nullable String next,
    List<CursorSource> cursors,
    boolean firstIsHeld,
    @Nullable String frame,
    @Nullable String ready) {

  /** Copies the list and checks that what belongs together is there. */
  public Opening {
    cursors = List.copyOf(cursors);
    if (!first.endsWith("\r\n\r\n")) {
      throw new IllegalArgumentException("first: a request without its blank line");
    }
    if (ready != null && frame == null) {
      throw new IllegalArgumentException("ready: needs a frame that it answers");
    }
  }

  /** A request that opens a stream, for which there is no way back. */
  static Opening stream(String first) {
    return new Opening(first, null, List.of(), true, null, null);
  }

  /** The same with a header in each of its requests. */
  Opening withHeader(String header) {
    return new Opening(
        withHeader(first, header),
        next == null ? null : withHeader(next, header),
        cursors,
        firstIsHeld,
        frame,
        ready);
  }

  /** A request, or its head without the blank line, with a header behind its first line. */
  static String withHeader(String request, String header) {
    int end = request.indexOf("\r\n") + 2;
    return request.substring(0, end) + header + "\r\n" + request.substring(end);
  }
}
