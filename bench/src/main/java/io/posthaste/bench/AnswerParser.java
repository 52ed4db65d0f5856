package io.posthaste.bench;

/**
 * Reads HTTP/1.1 answers, one after another, from bytes in any pieces (RFC 9112). One a connection,
 * used by its event loop only.
 */
final class AnswerParser {

  /** Hears of the parts. Byte ranges are the caller's and valid until return. */
  interface Sink {
    /** The status line of the next answer. */
    void status(int code);

    /** A header line without its line end. */
    void header(byte[] bytes, int from, int length);

    /** A part of the body; after 101 whatever follows. */
    void body(byte[] bytes, int from, int length);

    /** The head is over. */
    default void headEnd() {}

    /**
     * The answer is over. Never called for 101 or a body that only the end of the connection ends.
     */
    void end();
  }

  /** The answer is not HTTP/1.1. */
  static final class MalformedAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedAnswer(String message) {
      super(message, null, false, false);
    }
  }

  private enum State {
    STATUS,
    HEADER,
    BODY,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER,
    UNTIL_CLOSE
  }

  private static final int MAX_LINE = 16 * 1024;

  private final Sink sink;
  private State state = State.STATUS;
  private byte[] line = new byte[0];
  private int lineLength;
  private long remaining;
  private int status;
  private boolean chunked;
  private boolean sized;

  AnswerParser(Sink sink) {
    this.sink = sink;
  }

  /** Whether nothing of an answer has been read that is not complete. */
  boolean betweenAnswers() {
    return state == State.STATUS && lineLength == 0;
  }

  /** Takes the next bytes, which stay the caller's. */
  void feed(byte[] bytes, int from, int length) {
    int i = from;
    int end = from + length;
    while (i < end) {
      switch (state) {
        case BODY, CHUNK -> {
          int take = (int) Math.min(remaining, end - i);
          sink.body(bytes, i, take);
          i += take;
          remaining -= take;
          if (remaining == 0) {
            if (state == State.CHUNK) {
              state = State.CHUNK_END;
            } else {
              finish();
            }
          }
        }
        case UNTIL_CLOSE -> {
          sink.body(bytes, i, end - i);
          i = end;
        }
        default -> i = line(bytes, i, end);
      }
    }
  }

  private int line(byte[] bytes, int from, int end) {
    int feed = from;
    while (feed < end && bytes[feed] != '\n') {
      feed++;
    }
    boolean complete = feed < end;
    if (lineLength == 0 && complete) {
      take(bytes, from, feed - from);
    } else {
      keep(bytes, from, feed - from);
      if (complete) {
        int length = lineLength;
        lineLength = 0;
        take(line, 0, length);
      }
    }
    return complete ? feed + 1 : end;
  }

  private void keep(byte[] bytes, int from, int length) {
    if (lineLength + length > MAX_LINE) {
      throw new MalformedAnswer("a line of more than " + MAX_LINE + " bytes");
    }
    if (line.length < lineLength + length) {
      line = java.util.Arrays.copyOf(line, Math.max(256, 2 * (lineLength + length)));
    }
    System.arraycopy(bytes, from, line, lineLength, length);
    lineLength += length;
  }

  private void take(byte[] bytes, int from, int withReturn) {
    int length = withReturn;
    if (length > 0 && bytes[from + length - 1] == '\r') {
      length--;
    }
    switch (state) {
      case STATUS -> status(bytes, from, length);
      case HEADER -> {
        if (length > 0) {
          header(bytes, from, length);
        } else {
          headEnd();
        }
      }
      case CHUNK_SIZE -> chunkSize(bytes, from, length);
      case CHUNK_END -> state = State.CHUNK_SIZE;
      case TRAILER -> {
        if (length == 0) {
          finish();
        }
      }
      default -> throw new IllegalStateException(state.name());
    }
  }

  private void status(byte[] bytes, int from, int length) {
    if (length < 12 || bytes[from] != 'H' || bytes[from + 8] != ' ') {
      throw new MalformedAnswer("no status line");
    }
    status =
        (bytes[from + 9] - '0') * 100 + (bytes[from + 10] - '0') * 10 + (bytes[from + 11] - '0');
    chunked = false;
    sized = false;
    remaining = 0;
    state = State.HEADER;
    sink.status(status);
  }

  private void header(byte[] bytes, int from, int length) {
    if (named(bytes, from, length, "content-length")) {
      sized = true;
      remaining = 0;
      for (int i = from + 15; i < from + length; i++) {
        if (bytes[i] >= '0' && bytes[i] <= '9') {
          remaining = remaining * 10 + (bytes[i] - '0');
        }
      }
    } else if (named(bytes, from, length, "transfer-encoding")) {
      chunked = true;
    }
    sink.header(bytes, from, length);
  }

  private void headEnd() {
    sink.headEnd();
    if (status == 101) {
      state = State.UNTIL_CLOSE;
    } else if (status < 200) {
      state = State.STATUS;
    } else if (status == 204 || status == 304) {
      finish();
    } else if (chunked) {
      state = State.CHUNK_SIZE;
    } else if (!sized) {
      state = State.UNTIL_CLOSE;
    } else if (remaining == 0) {
      finish();
    } else {
      state = State.BODY;
    }
  }

  private void chunkSize(byte[] bytes, int from, int length) {
    long size = 0;
    int i = from;
    for (; i < from + length; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        break;
      }
      size = size << 4 | digit;
    }
    if (i == from) {
      throw new MalformedAnswer("no chunk size");
    }
    remaining = size;
    state = size == 0 ? State.TRAILER : State.CHUNK;
  }

  private void finish() {
    state = State.STATUS;
    sink.end();
  }

  /** Whether a header line is of that name, given in small letters. */
  static boolean named(byte[] bytes, int from, int length, String name) {
    int n = name.length();
    if (length <= n || bytes[from + n] != ':') {
      return false;
    }
    for (int i = 0; i < n; i++) {
      int c = bytes[from + i];
      if (c >= 'A' && c <= 'Z') {
        c += 32;
      }
      if (c != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
