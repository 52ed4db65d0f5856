package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import java.util.Map;

/** What answers say of nodes. */
final class NodesJson {
  private NodesJson() {}

  /** Writes which nodes did not answer and why, as a further field; nothing if all did. */
  static void silent(ByteBuf out, Map<String, String> silent) {
    if (silent.isEmpty()) {
      return;
    }
    ascii(out, ",\"silent\":[");
    char before = 0;
    for (Map.Entry<String, String> node : silent.entrySet()) {
      if (before != 0) {
        out.writeByte(before);
      }
      before = ',';
      ascii(out, "{\"node\":");
      JsonText.string(out, node.getKey());
      ascii(out, ",\"why\":");
      JsonText.string(out, node.getValue());
      out.writeByte('}');
    }
    out.writeByte(']');
  }
}
