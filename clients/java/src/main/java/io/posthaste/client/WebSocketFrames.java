package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Text messages of a WebSocket (RFC 6455, 5). Answers pings, and a close. For one thread. */
final class WebSocketFrames extends Frames {
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int NO_CODE = 1005; // what stands for a close without one (RFC 6455, 7.4.1)
  private static final int MAX_CONTROL_BYTES = 125;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final OutputStream out;
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
  private boolean inParts;
  private int closeCode;
  private String closeReason = "";

  WebSocketFrames(InputStream in, OutputStream out, int maxBytes) {
    super(in, maxBytes);
    this.out = out;
  }

  /** Sends a text message. */
  void send(byte[] text) throws IOException {
    write(TEXT, text);
  }

  /** Says that this end leaves. */
  void close(int code) throws IOException {
    write(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
  }

  /** With what the server closed; 0 if it has not. */
  int closeCode() {
    return closeCode;
  }

  /** Why the server closed, in its words. */
  String closeReason() {
    return closeReason;
  }

  @Override
  boolean hasEnded() {
    return closeCode != 0;
  }

  @Override
  byte @Nullable [] whole() throws IOException {
    while (!hasEnded() && to - from >= 2) {
      int head = buffer[from] & 0xff;
      int second = buffer[from + 1] & 0xff;
      int opcode = head & 0x0f;
      boolean last = (head & 0x80) != 0;
      checkHead(head, second, opcode, last);
      int lengthBytes = second < 126 ? 0 : second == 126 ? 2 : 8;
      int begin = from + 2 + lengthBytes;
      if (begin > to) {
        return null;
      }
      long length = lengthBytes == 0 ? second : number(from + 2, lengthBytes);
      checkLength(length < 0 ? Long.MAX_VALUE : length);
      if (to - begin < length) {
        return null;
      }
      from = begin + (int) length;
      byte[] payload = Arrays.copyOfRange(buffer, begin, from);
      byte[] message = take(opcode, last, payload);
      if (message != null) {
        return message;
      }
    }
    return null;
  }

  private void checkHead(int head, int second, int opcode, boolean last) throws IOException {
    boolean control = opcode >= CLOSE;
    boolean known = control ? opcode <= PONG : opcode <= TEXT;
    if ((head & 0x70) != 0 || second >= 0x80 || !known) {
      throw new IOException(
          String.format("a WebSocket frame that begins with %02x %02x", head, second));
    }
    if (control ? !last || second > MAX_CONTROL_BYTES : inParts != (opcode == CONTINUATION)) {
      throw new IOException("a WebSocket frame out of turn: opcode " + opcode);
    }
  }

  private long number(int at, int bytes) {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number = number << 8 | buffer[at + i] & 0xff;
    }
    return number;
  }

  /** Takes a frame; a message if it ends one. */
  private byte @Nullable [] take(int opcode, boolean last, byte[] payload) throws IOException {
    switch (opcode) {
      case PING:
        write(PONG, payload);
        return null;
      case PONG:
        return null;
      case CLOSE:
        closed(payload);
        return null;
      default:
        if (last && !inParts) {
          return payload;
        }
        checkLength((long) parts.size() + payload.length);
        parts.write(payload, 0, payload.length);
        inParts = !last;
        if (!last) {
          return null;
        }
        byte[] message = parts.toByteArray();
        parts.reset();
        return message;
    }
  }

  private void closed(byte[] payload) throws IOException {
    closeCode = NO_CODE;
    if (payload.length >= 2) {
      closeCode = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      closeReason = new String(payload, 2, payload.length - 2, UTF_8);
    }
    write(CLOSE, payload);
  }

  /** Writes a whole frame, masked as a client's must be (RFC 6455, 5.3). */
  private void write(int opcode, byte[] payload) throws IOException {
    int length = payload.length;
    int lengthBytes = length < 126 ? 0 : length < 1 << 16 ? 2 : 8;
    byte[] frame = new byte[2 + lengthBytes + 4 + length];
    frame[0] = (byte) (0x80 | opcode);
    frame[1] = (byte) (0x80 | (lengthBytes == 0 ? length : lengthBytes == 2 ? 126 : 127));
    for (int i = 0; i < lengthBytes; i++) {
      frame[2 + i] = (byte) ((long) length >> 8 * (lengthBytes - 1 - i));
    }
    byte[] mask = new byte[4];
    RANDOM.nextBytes(mask);
    int at = 2 + lengthBytes;
    System.arraycopy(mask, 0, frame, at, 4);
    for (int i = 0; i < length; i++) {
      frame[at + 4 + i] = (byte) (payload[i] ^ mask[i & 3]);
    }
    out.write(frame);
    out.flush();
  }
}
