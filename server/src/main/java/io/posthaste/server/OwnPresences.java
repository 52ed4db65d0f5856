package io.posthaste.server;

import io.posthaste.core.Presence;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The presences of one connection, by what its client calls them. To be used by its shard's thread
 * only.
 */
public final class OwnPresences {
  /** The most that a connection may have. */
  public static final int MOST = 16;

  private final Presence presence;
  private final String door;
  private final Map<Object, Presence.Member> members = new HashMap<>(0);

  /** What became of a wish to join. */
  public enum Joined {
    /** He is there. */
    JOINED,
    /** The connection has one by that name. */
    TAKEN,
    /** The connection has as many as it may. */
    TOO_MANY,
    /** The server has as many as it may. */
    BUSY
  }

  /** None, of a connection by this door. */
  public OwnPresences(Presence presence, String door) {
    this.presence = presence;
    this.door = door;
  }

  /**
   * Joins.
   *
   * @param key what the client calls it
   * @throws io.posthaste.core.MalformedException if a name is not one
   */
  public Joined join(Object key, Joining joining) {
    if (members.containsKey(key)) {
      return Joined.TAKEN;
    }
    if (members.size() == MOST) {
      return Joined.TOO_MANY;
    }
    Optional<Presence.Member> joined = joining.join(presence, door);
    joined.ifPresent(member -> members.put(key, member));
    return joined.isPresent() ? Joined.JOINED : Joined.BUSY;
  }

  /** Leaves at once; returns whether there was one by that name. */
  public boolean leave(Object key) {
    Presence.Member member = members.remove(key);
    if (member != null) {
      member.leave(Duration.ZERO);
    }
    return member != null;
  }

  /**
   * Leaves at once wherever he may not be any more.
   *
   * @param may whether he may, by the presence's topic
   * @return those that have ended, by what the client calls them
   */
  public Map<Object, Topic> leaveUnless(Predicate<Topic> may) {
    Map<Object, Topic> ended = new HashMap<>(0);
    members.forEach(
        (key, member) -> {
          Topic topic = member.who().topic();
          if (!may.test(topic)) {
            ended.put(key, topic);
          }
        });
    ended.keySet().forEach(this::leave);
    return ended;
  }

  /** The connection has ended: its client may come back unnoticed for a while. */
  public void end() {
    members.values().forEach(member -> member.leave(Joining.BACK_WITHIN));
    members.clear();
  }

  /** Who is where. */
  public List<Presence.Who> all() {
    return members.values().stream().map(Presence.Member::who).toList();
  }
}
