package io.posthaste.door.tcp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.posthaste.access.Credential;
import io.posthaste.core.MalformedException;
import io.posthaste.door.tcp.v1.ClientFrame;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of the binary protocol: the same ones are seen however the bytes are cut, and each is
 * parsed or refused. The first byte of an input says where to cut.
 */
public final class TcpTarget {
  private static final ByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;
  private static final int LIMIT = 1_000;

  private TcpTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    List<String> whole = split(input, input.length);
    List<String> cut = split(input, 1 + (input[0] & 0x3f));
    if (!whole.equals(cut)) {
      throw new AssertionError("whole: " + whole + ", cut: " + cut);
    }
  }

  private static List<String> split(byte[] input, int cut) {
    List<String> seen = new ArrayList<>();
    FrameSplitter splitter = new FrameSplitter();
    try {
      for (int from = 1; from < input.length; from += cut) {
        int length = Math.min(cut, input.length - from);
        splitter.add(ALLOC, ALLOC.buffer(length).writeBytes(input, from, length));
        for (boolean more = true; more; ) {
          switch (splitter.next(LIMIT)) {
            case FRAME -> seen.add(parsed(splitter.frame()));
            case TOO_LARGE -> seen.add("large " + splitter.length() + " " + splitter.skipFrame());
            case GARBAGE -> {
              seen.add("garbage");
              return seen;
            }
            case MORE_BYTES -> more = false;
          }
        }
      }
      return seen;
    } finally {
      splitter.close();
    }
  }

  private static String parsed(ByteBuf frame) {
    byte[] bytes = ByteBufUtil.getBytes(frame);
    frame.release();
    try {
      ClientFrame parsed = ClientFrame.parseFrom(bytes);
      return parsed.getOpCase() + shown(parsed) + ByteBufUtil.hexDump(bytes);
    } catch (InvalidProtocolBufferException e) {
      return "no frame";
    }
  }

  /** Who the frame that introduces a client says that it is. */
  private static String shown(ClientFrame frame) {
    try {
      return frame.hasHello()
          ? " " + Credential.ofHeader(frame.getHello().getAuthorization()) + " "
          : " ";
    } catch (MalformedException e) {
      return " nobody ";
    }
  }
}
