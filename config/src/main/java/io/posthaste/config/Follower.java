package io.posthaste.config;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An instance that listens by one door, and what it has of each config that it listens to. The door
 * tells what it sees; nothing here asks the client anything.
 *
 * <p>Thread-safe; nothing blocks. Its monitor comes after a {@link Crowd}'s, before a {@link
 * Followed}'s and that before a {@link SeenVersion}'s.
 */
public final class Follower {
  private final Audience audience;
  final Instance instance;
  final String door;
  final long number; // rising in the order in which they came
  final long sinceMillis;

  private final Map<ConfigKey, Holding> holdings = new HashMap<>(4);
  private byte round;
  private boolean gone;
  private boolean idle; // answered, so that its next poll is expected
  private long expiresMillis; // while it is idle

  Follower(Audience audience, Instance instance, String door, long number, long sinceMillis) {
    this.audience = audience;
    this.instance = instance;
    this.door = door;
    this.number = number;
    this.sinceMillis = sinceMillis;
  }

  /**
   * It listens to these and to nothing else, and says what it has of each: which is how it confirms
   * what it was told and has fetched.
   */
  public void listensTo(Collection<? extends Listened> all) {
    synchronized (this) {
      if (gone) {
        return;
      }
      round++;
      int listed = 0;
      for (Listened one : all) {
        if (report(one.key(), one.md5(), true)) {
          listed++;
        }
      }
      if (listed < holdings.size()) {
        holdings.values().removeIf(this::isOver);
      }
    }
  }

  /** Whether it no longer listens to this; what is counted of it is then given back. */
  private boolean isOver(Holding holding) {
    boolean over = holding.round != round;
    if (over) {
      audience.release(holding);
    }
    return over;
  }

  /** It listens to one more, or says again what it has of it. */
  public synchronized void listens(ConfigKey key, @Nullable Md5 has) {
    if (!gone) {
      report(key, has, true);
    }
  }

  /** It listens to this no more. */
  public synchronized void leaves(ConfigKey key) {
    Holding holding = holdings.remove(key);
    if (holding != null) {
      audience.release(holding);
    }
  }

  /** It was told that this has changed; to what is known here. */
  public synchronized void told(ConfigKey key) {
    Holding holding = holdings.get(key);
    if (holding != null) {
      SeenVersion version = inForce(holding.followed);
      // Some are told of every change, also of one that leaves them what they have.
      if (holding.told != version && !Objects.equals(version.md5, holding.has.md5)) {
        long now = audience.nowMillis();
        holding.told = version;
        holding.toldMillis = now;
        if (version.id != null) {
          version.toldAfter(now - version.publishedMillis);
        }
      }
    }
  }

  /** It was given this content. */
  public synchronized void fetched(ConfigKey key, @Nullable Md5 md5) {
    if (!gone && holdings.containsKey(key)) {
      report(key, md5, false);
    }
  }

  /**
   * It was given this content of what it listens to from now on, if it did not before.
   *
   * @param isOverAnother whether it had another content of that before, be it not known which
   */
  public synchronized void given(ConfigKey key, @Nullable Md5 md5, boolean isOverAnother) {
    if (!gone) {
      if (isOverAnother && !holdings.containsKey(key)) {
        report(key, null, false);
      }
      report(key, md5, false);
    }
  }

  /**
   * It listens by something again, after what it listened by had ended.
   *
   * @return false if it has gone meanwhile, so that another is to be joined
   */
  public synchronized boolean resume() {
    idle = false;
    return !gone;
  }

  /** Whether it listens to nothing any more, and never will. */
  public synchronized boolean isGone() {
    return gone;
  }

  /**
   * What it listened by has ended with an answer, after which clients ask again: until then it
   * stays, as long as a client may take to do with the answer what it wants to.
   */
  public void answered() {
    idle(audience.answeredLease());
  }

  private void idle(Duration lease) {
    synchronized (this) {
      if (gone) {
        return;
      }
      idle = true;
      expiresMillis = audience.nowMillis() + lease.toMillis();
    }
    audience.idle(this);
  }

  /**
   * What it listened by has ended without an answer, as when a connection breaks: it stays for a
   * short while only.
   */
  public void lost() {
    idle(audience.lostLease());
  }

  /** It listens to nothing any more. */
  public void gone() {
    synchronized (this) {
      if (gone) {
        return;
      }
      end();
    }
    audience.remove(this);
  }

  /** The same, if its next poll was expected and did not come in time. */
  void goneIfOver(long nowMillis) {
    synchronized (this) {
      if (gone || !idle || nowMillis < expiresMillis) { // or its poll has just come
        return;
      }
      end();
    }
    audience.remove(this);
  }

  private void end() {
    gone = true;
    holdings.values().forEach(audience::release);
    holdings.clear();
  }

  /** Takes it for a next poll, if it waits for one that is like this. */
  synchronized boolean resume(ConfigKey key) {
    if (gone || !idle || !holdings.containsKey(key)) {
      return false;
    }
    idle = false;
    return true;
  }

  /** Whether it was told of what it does not have yet: so a fetch may well be its. */
  synchronized boolean awaits(ConfigKey key) {
    Holding holding = holdings.get(key);
    return holding != null && isUntaken(holding);
  }

  /** Whether it listens to this and has another content of it. */
  synchronized boolean hasOther(ConfigKey key, @Nullable Md5 md5) {
    Holding holding = holdings.get(key);
    return holding != null && !Objects.equals(holding.has.md5, md5);
  }

  private static boolean isUntaken(Holding holding) {
    SeenVersion told = holding.told;
    return told != null && !Objects.equals(told.md5, holding.has.md5);
  }

  /** Whether it was not yet reported in this round. */
  private boolean report(ConfigKey key, @Nullable Md5 md5, boolean confirmed) {
    Holding holding = holdings.get(key);
    long now = audience.nowMillis();
    if (holding == null) {
      Followed followed = audience.follow(key);
      if (followed == null) {
        return false; // there is no room for more
      }
      // What it had before it came is nothing that has spread to it.
      holding = new Holding(this, followed, version(followed, md5), now, confirmed);
      holding.round = round;
      followed.add(holding);
      holdings.put(followed.key, holding);
      return true;
    }
    if (Objects.equals(holding.has.md5, md5)) {
      holding.confirmed |= confirmed;
      if (holding.has.id == null) {
        holding.has = version(holding.followed, md5);
      }
    } else {
      SeenVersion version = version(holding.followed, md5);
      SeenVersion before = holding.has;
      holding.has = version;
      holding.hasMillis = now;
      holding.confirmed = confirmed;
      holding.afterMillis = Holding.UNKNOWN_MILLIS;
      // Who goes back to an older one, as when a gray release is aborted, says nothing of it.
      boolean isNewer = version.publishedMillis >= before.publishedMillis;
      if (version.id != null && isNewer) {
        long after = Math.max(0, now - version.publishedMillis);
        holding.afterMillis = (int) Math.min(Integer.MAX_VALUE, after);
        version.hadAfter(after);
      }
    }
    boolean isFirst = holding.round != round;
    holding.round = round;
    return isFirst;
  }

  private SeenVersion version(Followed followed, @Nullable Md5 md5) {
    SeenVersion current = inForce(followed);
    return Objects.equals(current.md5, md5) ? current : followed.ofContent(md5);
  }

  /** What it should have by now. */
  private SeenVersion inForce(Followed followed) {
    Standing standing = audience.standing(followed.key, instance);
    return followed.version(standing.md5(), standing.id(), standing.timeMillis());
  }

  /**
   * Adds what it has of a config, or of all.
   *
   * @param key null for all
   */
  synchronized void collect(@Nullable ConfigKey key, String node, List<Followership> into) {
    if (key == null) {
      holdings.values().forEach(holding -> into.add(followership(holding, node)));
    } else if (holdings.containsKey(key)) {
      into.add(followership(holdings.get(key), node));
    }
  }

  private Followership followership(Holding holding, String node) {
    SeenVersion expected = inForce(holding.followed);
    boolean isCurrent = Objects.equals(expected.md5, holding.has.md5);
    SeenVersion told = holding.told;
    return new Followership(
        node,
        number,
        holding.followed.key,
        instance,
        door,
        sinceMillis,
        holding.has.md5,
        isCurrent ? expected.id : holding.has.id, // of several of one content the latest
        holding.hasMillis,
        holding.afterMillis,
        holding.confirmed,
        told == null ? null : told.id,
        told == null ? 0 : holding.toldMillis,
        isCurrent);
  }
}
