package io.posthaste.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A request with places for cursors; everything else is bytes already. Immutable. */
final class Template {
  private final byte[][] pieces;
  private final int[] slots;

  private Template(byte[][] pieces, int[] slots) {
    this.pieces = pieces;
    this.slots = slots;
  }

  /** Cuts a text at {@code {cursor0}}… */
  static Template of(String text) {
    List<byte[]> pieces = new ArrayList<>();
    List<Integer> slots = new ArrayList<>();
    int from = 0;
    int at = text.indexOf("{cursor");
    while (at >= 0) {
      pieces.add(text.substring(from, at).getBytes(StandardCharsets.UTF_8));
      int close = text.indexOf('}', at);
      slots.add(Integer.parseInt(text.substring(at + "{cursor".length(), close)));
      from = close + 1;
      at = text.indexOf("{cursor", from);
    }
    pieces.add(text.substring(from).getBytes(StandardCharsets.UTF_8));
    return new Template(
        pieces.toArray(new byte[0][]), slots.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Fills in what is known before the run. */
  static String fill(String text, String run, int topic, int ref) {
    return text.replace("{run}", run)
        .replace("{topic}", Integer.toString(topic))
        .replace("{ref}", Integer.toString(ref));
  }

  /** Writes the request; {@code out} stays the caller's. */
  void write(ByteBuf out, CursorValue[] cursors) {
    for (int i = 0; i < pieces.length; i++) {
      out.writeBytes(pieces[i]);
      if (i < slots.length) {
        cursors[slots[i]].write(out);
      }
    }
  }
}
