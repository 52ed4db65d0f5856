package io.posthaste.chaos;

import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Something that goes wrong, and is mended after a while.
 *
 * @param what it is
 * @param target on which of the three servers of its kind, counted from 0; the leader is whoever
 *     leads at that moment
 * @param beginsMillis when it begins, after the run's begin
 * @param lastsMillis until it is mended
 */
record Fault(Kind what, int target, long beginsMillis, long lastsMillis) {
  /** What can go wrong. */
  enum Kind {
    /** A node dies (SIGKILL), and is started again. */
    NODE_DIES,
    /** A node hears and reaches none of the nats-servers, while clients reach it. */
    NODE_CUT_OFF,
    /** A node stands still (SIGSTOP), and goes on as if nothing had been. */
    NODE_STOPPED,
    /** A node's cable loses packets and is slow. */
    NODE_ON_POOR_CABLE,
    /** A nats-server dies (SIGKILL), and is started again. */
    NATS_DIES,
    /** The nats-server that leads the stream dies, and is started again. */
    LEADER_DIES,
    /**
     * A nats-server hears and reaches none of the others, while nodes reach it. After one that led
     * a stream the replicas of nats-server 2.9.10 may differ for good; docs/scale.md has more.
     */
    NATS_CUT_OFF,
    /** A nats-server's cable loses packets and is slow. */
    NATS_ON_POOR_CABLE;

    boolean isOfNode() {
      return name().startsWith("NODE");
    }
  }

  static final int SERVERS = 3;

  /** What the cluster must survive, whatever nats-server it is of. */
  static final Set<Kind> SURVIVED = EnumSet.complementOf(EnumSet.of(Kind.NATS_CUT_OFF));

  /**
   * Whether a nats-server stands all kinds; older ones lose messages of themselves.
   *
   * @param version as {@code 2.11.4}
   */
  static boolean areAllSurvivedBy(String version) {
    String[] numbers = version.split("[.-]");
    int major = Integer.parseInt(numbers[0]);
    return major > 2 || major == 2 && Integer.parseInt(numbers[1]) >= 11;
  }

  long endsMillis() {
    return beginsMillis + lastsMillis;
  }

  /** The servers that it may touch, by a name of their own. */
  Set<String> touched() {
    Set<String> touched = new TreeSet<>();
    for (int i = 0; i < SERVERS; i++) {
      if (i == target || what == Kind.LEADER_DIES) {
        touched.add((what.isOfNode() ? "node" : "nats") + (i + 1));
      }
    }
    return touched;
  }

  @Override
  public String toString() {
    String whom = what == Kind.LEADER_DIES ? "" : " " + touched();
    return "%5.1f s to %5.1f s: %s%s".formatted(beginsMillis / 1e3, endsMillis() / 1e3, what, whom);
  }
}
