package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Inspection;
import io.posthaste.core.Policy;
import io.posthaste.core.TopicState;
import java.util.Optional;

/** What is known of a topic, as JSON. */
final class InspectionJson {
  private InspectionJson() {}

  static void write(ByteBuf out, Hub hub, Inspection found) {
    ascii(out, "{\"topic\":");
    JsonText.string(out, found.topic().name());
    ascii(out, ",\"readers\":" + found.readers() + ",\"behind\":" + found.behind());
    Optional<TopicState> state = found.state();
    if (state.isPresent()) {
      state(out, hub, found, state.get());
    }
    policy(out, found.policy());
    nodes(out, found);
    NodesJson.silent(out, found.silent());
    out.writeByte('}');
  }

  private static void nodes(ByteBuf out, Inspection found) {
    ascii(out, ",\"nodes\":[");
    char before = 0;
    for (Inspection.NodeReaders node : found.nodes()) {
      if (before != 0) {
        out.writeByte(before);
      }
      before = ',';
      ascii(out, "{\"node\":");
      JsonText.string(out, node.node());
      ascii(out, ",\"readers\":" + node.readers() + ",\"behind\":" + node.behind() + "}");
    }
    out.writeByte(']');
  }

  private static void state(ByteBuf out, Hub hub, Inspection found, TopicState state) {
    if (found.behind() > 0) {
      ascii(out, ",\"slowest\":");
      JsonText.id(out, new Id(hub.epoch(), state.partition(), found.slowest()));
    }
    ascii(out, ",\"oldest\":");
    JsonText.id(out, new Id(hub.epoch(), state.partition(), state.oldest()));
    ascii(out, ",\"latest\":");
    JsonText.id(out, new Id(hub.epoch(), state.partition(), state.latest()));
    ascii(out, ",\"count\":" + state.count());
    if (state.bytes() != TopicState.UNKNOWN) {
      ascii(out, ",\"bytes\":" + state.bytes());
    }
    ascii(out, ",\"deleted\":" + state.deleted());
  }

  /** A limit that there is not is left out. */
  private static void policy(ByteBuf out, Policy policy) {
    ascii(out, ",\"policy\":{\"count\":" + policy.count());
    if (!policy.age().equals(Policy.FOREVER)) {
      ascii(out, ",\"ageSeconds\":" + policy.age().toSeconds());
    }
    if (policy.bytes() != Long.MAX_VALUE) {
      ascii(out, ",\"bytes\":" + policy.bytes());
    }
    ascii(out, ",\"maxMessageBytes\":" + policy.maxMessageBytes());
    ascii(out, ",\"memory\":" + policy.memory());
    ascii(out, ",\"mirrored\":" + policy.mirrored() + "}");
  }
}
