package io.posthaste.door.nacos;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.posthaste.core.MalformedException;
import io.posthaste.door.nacos.wire.Payload;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages of gRPC from Nacos clients: the same ones are seen however the bytes are cut, and each
 * is read or refused. The first byte of an input says where to cut.
 */
public final class GrpcTarget {
  private static final ByteBufAllocator ALLOC = new UnpooledByteBufAllocator(false);
  private static final int MAX_BYTES = 1_000;

  private GrpcTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    List<String> whole = split(input, input.length);
    List<String> torn = split(input, 1 + (input[0] & 0x1f));
    if (!whole.equals(torn)) {
      throw new AssertionError(whole + ", and torn: " + torn);
    }
  }

  private static List<String> split(byte[] input, int piece) {
    List<String> seen = new ArrayList<>();
    GrpcFrames frames = new GrpcFrames(ALLOC, MAX_BYTES);
    try {
      for (int from = 1; from < input.length; from += piece) {
        ByteBuf bytes = Unpooled.wrappedBuffer(input, from, Math.min(piece, input.length - from));
        frames.add(bytes, payload -> seen.add(read(payload)));
      }
    } catch (GrpcException e) {
      if (e.status().code() == 0 || e.status().trailers().get("grpc-message") == null) {
        throw new AssertionError("a refusal that says nothing", e);
      }
      seen.add(e.status().toString());
    } finally {
      frames.release();
    }
    return seen;
  }

  private static String read(Payload payload) {
    try {
      GrpcMessage message = GrpcMessage.of(payload);
      GrpcListening.parse(message.json());
      FuzzyPattern.parse(GrpcMessage.text(message.json(), "groupKeyPattern"));
      GrpcCall.timeoutMillis(message.header("grpc-timeout"));
      return message.type();
    } catch (GrpcException e) {
      return e.status().toString();
    } catch (MalformedException e) {
      String why = String.valueOf(e.getMessage());
      if (why.isBlank() || why.length() > 3_000 || why.chars().anyMatch(c -> c < ' ')) {
        throw new AssertionError("refusal: " + why, e);
      }
      return why;
    }
  }
}
