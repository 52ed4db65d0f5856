package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Who is where: each presence is a topic, {@code $presence/PLACE/WHO/DEVICE}, whose latest message
 * tells of it and whose tombstone says that it is over. So joining and leaving are messages like
 * any other, to be read through any door, and a list of who is there is what a reader of only the
 * latest is given.
 *
 * <p>A presence costs nothing while it lasts. It belongs to the node on which it was begun, which
 * its header {@value #NODE_HEADER} names, and the node has a lease that it renews for all of its
 * presences together ({@link NodeLeases}). When a node has not done so for as long as the lease
 * lasts, any other node ends its presences. A node that was only cut off begins its presences anew.
 *
 * <p>Thread-safe; guarded by itself. The log is asked by the first shard's thread and without that
 * lock.
 */
public final class Presence implements AutoCloseable {
  /** What topics of presences begin with. */
  public static final String PREFIX = "$presence/";

  /** The header that names the node of a presence. */
  public static final String NODE_HEADER = "node";

  /** How long a node may be silent: its presences are over within 10 s of its death. */
  public static final Duration LEASE = Duration.ofSeconds(5);

  private static final int MOST = 100_000;
  private static final int MOST_NAME_BYTES = 128;
  private static final String TYPE = "application/json";
  private static final System.Logger LOGGER = System.getLogger(Presence.class.getName());
  private static final int REAPED_AT_ONCE = 500;
  private static final int PAGE_BYTES = 1 << 20;

  /**
   * Who is where, as topics of presences tell it.
   *
   * @param place where
   * @param name who it is
   * @param device which of several that may be
   */
  public record Who(String place, String name, String device) {
    /** The topic that tells of it. */
    public Topic topic() {
      return topicOf(place, name, device);
    }
  }

  /** Somebody's being somewhere, as one connection knows it. */
  public interface Member {
    /** Who it is, and where. */
    Who who();

    /**
     * It is over for this connection. Others may hold the same presence; when none does, it ends
     * after this time, unless somebody takes it up again on this node. Further calls do nothing.
     */
    void leave(Duration later);
  }

  /** A presence of this node. */
  private static final class Entry {
    final Topic topic;
    final Payload about;
    int members;
    int turns; // how often it was left or taken up: an end that was set before is void
    CompletableFuture<Optional<Id>> written = CompletableFuture.completedFuture(Optional.empty());

    Entry(Topic topic, Payload about) {
      this.topic = topic;
      this.about = about;
    }
  }

  private final Hub hub;
  private final Log log;
  private final String node;
  private final NodeLeases leases;
  private final Map<Topic, Entry> entries = new HashMap<>();
  private boolean closed;

  /**
   * Presence on a node.
   *
   * @param node a name that no other presence of the log has, without {@code /}, {@code +} and
   *     {@code #}
   * @param lease how long a node may be silent
   */
  public Presence(Hub hub, String node, Duration lease) {
    this.hub = requireNonNull(hub, "hub");
    this.log = hub.log();
    this.node = node;
    this.leases =
        new NodeLeases(log, node, lease.toNanos(), hub.shards().get(0).loop(), new Leases());
  }

  /**
   * The topic of a presence.
   *
   * @throws MalformedException if a name is not one
   */
  public static Topic topicOf(String place, String who, String device) {
    check("presence", place, true);
    check("as", who, false);
    check("device", device, false);
    return new Topic(PREFIX + place + "/" + who + "/" + device);
  }

  private static void check(String what, String name, boolean slashes) {
    if (name.isEmpty()
        || name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MOST_NAME_BYTES
        || !slashes && name.indexOf('/') >= 0) {
      throw new MalformedException(
          what
              + ": "
              + MalformedException.quote(name)
              + " (expected: 1 to "
              + MOST_NAME_BYTES
              + " bytes"
              + (slashes ? ")" : " without /)"));
    }
  }

  /**
   * Begins a presence, or shares one that this node has.
   *
   * @param place where: a topic's name
   * @param who a name without {@code /}
   * @param device which of several of the same, a name without {@code /}
   * @param about JSON, what its message says; of several who share it, the first one's
   * @return empty if this node has as many as it may
   * @throws MalformedException if a name is not one
   */
  public Optional<Member> join(String place, String who, String device, Payload about) {
    Topic topic = topicOf(place, who, device);
    Entry entry;
    synchronized (this) {
      entry = entries.get(topic);
      if (entry == null) {
        if (closed || entries.size() >= MOST) {
          return Optional.empty();
        }
        entry = new Entry(topic, about);
        entries.put(topic, entry);
      }
      entry.members++;
      entry.turns++;
      if (entry.turns == 1) {
        write(entry);
      }
    }
    return Optional.of(new OneMember(entry));
  }

  /** How many presences this node has. */
  public synchronized int size() {
    return entries.size();
  }

  private final class OneMember implements Member {
    private final Entry entry;
    private boolean left;

    OneMember(Entry entry) {
      this.entry = entry;
    }

    @Override
    public Who who() {
      String name = entry.topic.name();
      int device = name.lastIndexOf('/');
      int who = name.lastIndexOf('/', device - 1);
      return new Who(
          name.substring(PREFIX.length(), who),
          name.substring(who + 1, device),
          name.substring(device + 1));
    }

    @Override
    public void leave(Duration later) {
      int turn;
      synchronized (Presence.this) {
        if (left) {
          return;
        }
        left = true;
        entry.members--;
        turn = ++entry.turns;
        if (entry.members > 0) {
          return;
        }
      }
      try {
        hub.shards()
            .get(0)
            .loop()
            .schedule(() -> end(entry, turn), later.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException ended) {
        // The server has ended; the others find that its lease is over.
      }
    }
  }

  // ---------------------------------------------------------------- what is written

  /** Has it written that it has begun. */
  private void write(Entry entry) {
    try {
      hub.shards().get(0).loop().execute(() -> writeNow(entry));
    } catch (RejectedExecutionException ended) {
      // The server has ended.
    }
  }

  /** Writes behind the node's lease: else nobody would ever end it. */
  private void writeNow(Entry entry) {
    Append append =
        Append.of(entry.topic, TYPE, entry.about).withHeaders(Map.of(NODE_HEADER, node));
    entry.written =
        entry.written.thenCompose(before -> leases.lease()).thenCompose(leased -> append(append));
  }

  private void end(Entry entry, int turn) {
    synchronized (this) {
      if (closed || entry.turns != turn || entry.members > 0) {
        return;
      }
      entries.remove(entry.topic);
    }
    // Somebody may have joined by that name on another node: theirs goes on.
    entry.written.thenAccept(
        id ->
            id.ifPresent(
                mine -> append(Append.tombstone(entry.topic).when(new Condition.LatestIs(mine)))));
  }

  /** The id; empty if it was refused, or the log failed, which the log itself tells of. */
  private CompletableFuture<Optional<Id>> append(Append append) {
    return log.append(List.of(append))
        .toCompletableFuture()
        .handle(
            (outcomes, failure) ->
                failure == null && outcomes.get(0) instanceof Appended.Stored stored
                    ? Optional.of(stored.id())
                    : Optional.empty());
  }

  // ---------------------------------------------------------------- other nodes

  private final class Leases implements NodeLeases.Listener {
    @Override
    public void lapsed() {
      List<Entry> all;
      synchronized (Presence.this) {
        all = List.copyOf(entries.values());
      }
      if (!all.isEmpty()) {
        LOGGER.log(
            System.Logger.Level.WARNING,
            "the node was cut off, begins its presences anew presences=" + all.size());
        all.forEach(Presence.this::write);
      }
    }

    @Override
    public CompletionStage<Boolean> end(String node) {
      TopicPattern all = new TopicPattern(PREFIX + "#");
      return reap(node, log.partitionOf(new Topic(PREFIX + "any")), all, 0);
    }
  }

  private CompletionStage<Boolean> reap(String other, int partition, TopicPattern all, long place) {
    return latest(partition, all, place)
        .thenCompose(
            page -> {
              List<Append> ends = new ArrayList<>();
              for (Message message : page.messages()) {
                if (!message.deleted() && other.equals(message.headers().get(NODE_HEADER))) {
                  Id id = Id.of(log.epoch(), message);
                  ends.add(Append.tombstone(message.topic()).when(new Condition.LatestIs(id)));
                }
              }
              CompletionStage<List<Appended>> ended =
                  ends.isEmpty() ? CompletableFuture.completedFuture(List.of()) : log.append(ends);
              return ended.thenCompose(
                  outcomes ->
                      page.more()
                          ? reap(other, partition, all, page.through())
                          : CompletableFuture.completedFuture(true));
            });
  }

  private CompletionStage<Page> latest(int partition, TopicPattern topics, long place) {
    return log.read(
        new ReadRequest(partition, List.of(topics), place, REAPED_AT_ONCE, PAGE_BYTES, true));
  }

  /**
   * Forgets this node's presences without ending them: whoever comes back to another node in time
   * has not been away. The others end what is left when the lease is over.
   */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      entries.clear();
    }
    leases.close();
  }
}
