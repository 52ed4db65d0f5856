package io.posthaste.core;

import java.util.Optional;

/**
 * How far a {@link LogCopy} has come, kept in the log that it fills: the newest message of a topic
 * of its own.
 *
 * @param source up to here everything of the one log is in the other
 * @param target the other's head when that was so; what follows it came since
 * @param messages how many were copied by then
 * @param bytes and how many bytes of payload
 */
record CopyMark(Cursor source, Cursor target, long messages, long bytes) {
  /** What the topics of marks begin with. */
  static final String PREFIX = "$copies/";

  private static final String TYPE = "text/plain";

  /** Where the mark of a copy of that log is kept. */
  static Topic topicOf(String epoch) {
    return new Topic(PREFIX + epoch);
  }

  static Optional<CopyMark> of(Message message) {
    if (message.deleted()) {
      return Optional.empty();
    }
    String[] parts = message.payload().utf8().split(" ", -1);
    if (parts.length != 4) {
      throw new MalformedException("mark: " + parts.length + " parts (expected: 4)");
    }
    return Optional.of(
        new CopyMark(
            Cursor.parse(parts[0]),
            Cursor.parse(parts[1]),
            Long.parseLong(parts[2]),
            Long.parseLong(parts[3])));
  }

  /** To be appended once all that it speaks of is acknowledged. */
  Append toAppend(long timeMillis) {
    return Append.of(
            topicOf(source.epoch()),
            TYPE,
            Payload.of(source + " " + target + " " + messages + " " + bytes))
        .withTime(timeMillis);
  }
}
