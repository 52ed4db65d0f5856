package io.posthaste.bench;

/**
 * Reads the frames of a WebSocket server (RFC 6455 §5.2) from bytes in any pieces. One a
 * connection, used by its event loop only.
 */
final class FrameParser {

  /** Hears of the parts. Byte ranges are the caller's and valid until return. */
  interface Sink {
    /** A part of a message's payload. */
    void payload(byte[] bytes, int from, int length);

    /** A data frame is over. */
    void frameEnd();

    /** A ping, whose bytes a pong must repeat. */
    void ping(byte[] bytes, int length);

    /** The server closes. */
    void closing();
  }

  private static final int PING = 9;
  private static final int CLOSE = 8;

  private final Sink sink;
  private final byte[] control = new byte[125];
  private int headSeen;
  private int opcode;
  private int lengthBytes;
  private long remaining;
  private int controlLength;

  FrameParser(Sink sink) {
    this.sink = sink;
  }

  /** Takes the next bytes, which stay the caller's. */
  void feed(byte[] bytes, int from, int length) {
    int i = from;
    int end = from + length;
    while (i < end) {
      if (!headRead()) {
        headByte(bytes[i++] & 0xff);
        if (headRead() && remaining == 0) {
          frameEnd();
        }
      } else {
        int take = (int) Math.min(remaining, end - i);
        if (opcode < CLOSE) {
          sink.payload(bytes, i, take);
        } else {
          System.arraycopy(bytes, i, control, controlLength, take);
          controlLength += take;
        }
        i += take;
        remaining -= take;
        if (remaining == 0) {
          frameEnd();
        }
      }
    }
  }

  private boolean headRead() {
    return headSeen >= 2 && headSeen == 2 + lengthBytes;
  }

  private void headByte(int b) {
    if (headSeen == 0) {
      opcode = b & 15;
      lengthBytes = 0;
      controlLength = 0;
    } else if (headSeen == 1) {
      if ((b & 0x80) != 0) {
        throw new AnswerParser.MalformedAnswer("a masked frame from the server");
      }
      int small = b & 0x7f;
      lengthBytes = small == 126 ? 2 : small == 127 ? 8 : 0;
      remaining = lengthBytes == 0 ? small : 0;
      if (opcode >= CLOSE && small > 125) {
        throw new AnswerParser.MalformedAnswer("a control frame of more than 125 bytes");
      }
    } else {
      remaining = remaining << 8 | b;
    }
    headSeen++;
  }

  private void frameEnd() {
    headSeen = 0;
    lengthBytes = 0;
    if (opcode == PING) {
      sink.ping(control, controlLength);
    } else if (opcode == CLOSE) {
      sink.closing();
    } else if (opcode < CLOSE) {
      sink.frameEnd();
    }
  }
}
