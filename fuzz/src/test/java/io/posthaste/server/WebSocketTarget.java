package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of a WebSocket: they mean the same however they are cut, text is UTF-8, and nothing is
 * larger than allowed. The first byte of an input says where to cut.
 */
public final class WebSocketTarget implements WebSocketInput.Events {
  private static final ByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;
  private static final int LIMIT = 1_000;

  private final List<String> understood = new ArrayList<>();
  private boolean closed;

  private WebSocketTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    List<String> whole = read(input, input.length);
    List<String> cut = read(input, 1 + (input[0] & 0x3f));
    if (!whole.equals(cut)) {
      throw new AssertionError("whole: " + whole + ", cut: " + cut);
    }
  }

  private static List<String> read(byte[] input, int cut) {
    WebSocketTarget target = new WebSocketTarget();
    WebSocketInput in = new WebSocketInput(target, LIMIT);
    for (int from = 1; from < input.length && !target.closed; from += cut) {
      int length = Math.min(cut, input.length - from);
      in.read(ALLOC, ALLOC.buffer(length).writeBytes(input, from, length));
    }
    in.release();
    return target.understood;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void onText(ByteBuf text) {
    String read = text.toString(StandardCharsets.UTF_8);
    if (text.readableBytes() > LIMIT
        || read.getBytes(StandardCharsets.UTF_8).length != text.readableBytes()) {
      throw new AssertionError("text of " + text.readableBytes() + " bytes: " + read);
    }
    understood.add("text " + read);
  }

  @Override
  public void onPing(ByteBuf payload) {
    understood.add("ping " + payload.readableBytes());
  }

  @Override
  public void onClose(int code) {
    understood.add("close " + code);
    closed = true;
  }

  @Override
  public void onBroken(int code, String why) {
    understood.add("broken " + code);
    closed = true;
  }
}
