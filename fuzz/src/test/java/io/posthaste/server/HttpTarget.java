package io.posthaste.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Heads and bodies of HTTP/1.1, chunked ones too: they mean the same however they are cut, and
 * whatever heads came before. The first byte of an input says where to cut.
 */
public final class HttpTarget {
  private static final ByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;

  private static final RecentHeads KEPT = new RecentHeads();

  private HttpTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    List<String> whole = read(input, input.length, new RecentHeads());
    List<String> cut = read(input, 1 + (input[0] & 0x3f), KEPT);
    if (!whole.equals(cut)) {
      throw new AssertionError("whole: " + whole + ", cut: " + cut);
    }
  }

  private static List<String> read(byte[] input, int cut, RecentHeads heads) {
    List<String> understood = new ArrayList<>();
    Http1Input in = new Http1Input(ALLOC.buffer());
    Http1Body body = null;
    try {
      for (int from = 1; from < input.length; from += cut) {
        int length = Math.min(cut, input.length - from);
        in.add(ALLOC, ALLOC.buffer(length).writeBytes(input, from, length));
        while (true) {
          if (body != null) {
            if (!body.read(in.bytes())) {
              break;
            }
            ByteBuf bytes = body.take();
            understood.add("body " + bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
            body = null;
          }
          RequestHead head = in.pollHead(HttpLimits.DEFAULT, heads);
          if (head == null) {
            break;
          }
          ReceivedRequest request = new ReceivedRequest(head);
          understood.add(request.method() + " " + request.rawPath() + " " + request.host());
          understood.add(query(request));
          long expected = Http1Body.lengthOf(request);
          if (expected != 0) {
            body = Http1Body.of(ALLOC, expected, 1_000);
          }
        }
      }
    } catch (Refusal refusal) {
      understood.add("refused " + refusal.problem().status());
    } finally {
      if (body != null) {
        body.release();
      }
      in.release();
    }
    return understood;
  }

  private static String query(ReceivedRequest request) {
    try {
      return request.query().toString();
    } catch (io.posthaste.core.MalformedException e) {
      return "malformed";
    }
  }
}
