package io.posthaste.engine.jetstream;

import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what nodes say that they appended with what was heard here. It finds what the messages
 * themselves cannot tell: that the last one of a topic was lost. And it knows up to where all has
 * been heard, which moves idle readers on. Not thread-safe: it belongs to {@link Live}'s thread.
 */
final class Watch {
  private static final long MISSING_NANOS = Duration.ofSeconds(3).toNanos();
  private static final long GONE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long REMEMBERED_NANOS = Duration.ofMinutes(3).toNanos();

  /** A message may come later than the word of it by this much. */
  private static final long GRACE_NANOS = Duration.ofMillis(400).toNanos();

  /** Of more topics that are waited for, readers read the log at once. */
  private static final int LACKING = 10_000;

  private final Hearing hearing;
  private final List<Partition> partitions;
  private final long begunNanos;
  private final Map<String, Peer> peers = new HashMap<>();
  private final Map<String, Long> goneNanos = new HashMap<>();
  private final List<Lacking> lacking = new ArrayList<>();
  private final Map<Integer, Long> told = new HashMap<>();

  /** What was heard here, and who is to hear of it. */
  interface Hearing {
    /**
     * From where on everything of a topic is heard; below 0 if nobody wants it, {@link
     * Long#MAX_VALUE} if that is not known yet.
     */
    long wantedSince(Partition partition, Topic topic);

    /** The last sequence of a topic that was heard; 0 for none. */
    long lastOf(Partition partition, Topic topic);

    /** Something was not heard. */
    void lost(Partition partition, String why);

    /** All that is wanted was heard up to here. */
    void reached(Partition partition, long sequence);
  }

  /** Another node, or this one, as it is heard. */
  private static final class Peer {
    final Map<Integer, Long> through = new HashMap<>();
    long number;
    long heardNanos;
    boolean missing;

    Peer(long number, long nowNanos) {
      this.number = number;
      this.heardNanos = nowNanos;
    }
  }

  /** A message that was said to be there and was not heard yet. */
  private record Lacking(Partition partition, Topic topic, long sequence, long sinceNanos) {}

  Watch(Hearing hearing, List<Partition> partitions, long nowNanos) {
    this.hearing = hearing;
    this.partitions = partitions;
    this.begunNanos = nowNanos;
  }

  /** A beat was heard. */
  void heard(Beat beat, long nowNanos) {
    Peer peer = peers.get(beat.node());
    if (peer == null) {
      peer = new Peer(beat.number(), nowNanos);
      peers.put(beat.node(), peer);
      if (beat.number() > 1 && nowNanos - begunNanos > MISSING_NANOS) {
        lost("of node " + beat.node() + " beat " + beat.number() + " was the first to be heard");
      }
    } else if (beat.number() != peer.number + 1) {
      lost("of node " + beat.node() + " beat " + beat.number() + " came after " + peer.number);
    }
    peer.number = beat.number();
    peer.heardNanos = nowNanos;
    peer.missing = false;
    if (beat.last()) {
      peers.remove(beat.node());
      goneNanos.put(beat.node(), nowNanos);
    }
    for (Partition partition : partitions) {
      Beat.Part part = beat.parts().get(partition.number);
      if (part != null) {
        compare(partition, part, nowNanos);
        if (part.through() > 0) {
          peer.through.put(partition.number, part.through());
          partition.learn(part.through()); // so that this node's own beats say no less
        }
      }
    }
  }

  private void compare(Partition partition, Beat.Part part, long nowNanos) {
    for (Map.Entry<String, Long> appended : part.appended().entrySet()) {
      Topic topic = new Topic(appended.getKey());
      long sequence = appended.getValue();
      if (hearing.wantedSince(partition, topic) < 0) {
        continue;
      }
      if (sequence == Beat.IN_DOUBT || lacking.size() >= LACKING) {
        lost(partition, "something may have been appended to " + topic);
      } else if (hearing.lastOf(partition, topic) < sequence) {
        lacking.add(new Lacking(partition, topic, sequence, nowNanos));
      }
    }
  }

  /** Some time has passed. */
  void tick(long nowNanos) {
    for (Lacking one : List.copyOf(lacking)) {
      if (nowNanos - one.sinceNanos() >= GRACE_NANOS && lacking.remove(one)) {
        long since = hearing.wantedSince(one.partition(), one.topic());
        boolean wanted = since >= 0 && one.sequence() > since;
        if (wanted && hearing.lastOf(one.partition(), one.topic()) < one.sequence()) {
          lost(one.partition(), one.sequence() + " of " + one.topic() + " was not heard");
        }
      }
    }
    for (Iterator<Map.Entry<String, Peer>> all = peers.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<String, Peer> entry = all.next();
      Peer peer = entry.getValue();
      if (nowNanos - peer.heardNanos > GONE_NANOS) {
        all.remove();
        goneNanos.put(entry.getKey(), nowNanos);
        lost("node " + entry.getKey() + " is gone");
      } else if (!peer.missing && nowNanos - peer.heardNanos > MISSING_NANOS) {
        peer.missing = true;
        lost("node " + entry.getKey() + " is not heard");
      }
    }
    goneNanos.values().removeIf(gone -> nowNanos - gone > REMEMBERED_NANOS);
    partitions.forEach(this::advance);
  }

  /** These nodes have beaten lately, as the stream of beats has it. */
  void nodes(Set<String> nodes, long nowNanos) {
    for (String node : nodes) {
      if (!peers.containsKey(node) && !goneNanos.containsKey(node)) {
        Peer peer = new Peer(0, nowNanos);
        peer.missing = true;
        peers.put(node, peer);
        lost("node " + node + " was never heard");
      }
    }
  }

  /** Moves on to what every node says is complete, unless something of it is still waited for. */
  private void advance(Partition partition) {
    long through = peers.isEmpty() ? 0 : Long.MAX_VALUE;
    for (Peer peer : peers.values()) {
      through = Math.min(through, peer.through.getOrDefault(partition.number, 0L));
    }
    for (Lacking one : lacking) {
      if (one.partition() == partition) {
        return;
      }
    }
    if (through > told.getOrDefault(partition.number, 0L)) {
      told.put(partition.number, through);
      hearing.reached(partition, through);
    }
  }

  private void lost(String why) {
    partitions.forEach(partition -> lost(partition, why));
  }

  private void lost(Partition partition, String why) {
    lacking.removeIf(one -> one.partition() == partition);
    hearing.lost(partition, why);
  }
}
