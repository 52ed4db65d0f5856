package io.posthaste.config;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The followers that look like one instance: the one that it is, or several behind one address.
 * Thread-safe; its monitor comes before a follower's.
 */
final class Crowd {
  /** Among so many that wait for their next poll it is looked for the one whose poll it is. */
  private static final int MOST_LOOKS = 64;

  private final Set<Follower> all = new LinkedHashSet<>();
  private final Set<Follower> idle = new LinkedHashSet<>();

  synchronized void add(Follower follower) {
    all.add(follower);
  }

  /** Takes one away; whether none is left. */
  synchronized boolean remove(Follower follower) {
    all.remove(follower);
    idle.remove(follower);
    return all.isEmpty();
  }

  synchronized void addIdle(Follower follower) {
    if (all.contains(follower)) {
      idle.add(follower);
    }
  }

  /** One that goes on by a poll that listens to this; null if there is none. */
  synchronized @Nullable Follower resume(String door, ConfigKey some) {
    int looks = MOST_LOOKS;
    for (Iterator<Follower> it = idle.iterator(); it.hasNext() && looks > 0; looks--) {
      Follower follower = it.next();
      if (follower.door.equals(door) && follower.resume(some)) {
        it.remove();
        return follower;
      }
    }
    return null;
  }

  /** One that was told of a change of this and waits for its content; null if there is none. */
  synchronized @Nullable Follower awaiting(String door, ConfigKey key) {
    int looks = MOST_LOOKS;
    for (Iterator<Follower> it = idle.iterator(); it.hasNext() && looks > 0; looks--) {
      Follower follower = it.next();
      if (follower.door.equals(door) && follower.awaits(key)) {
        return follower;
      }
    }
    return null;
  }

  /** One that listens to this and has another content of it; null if there is none. */
  synchronized @Nullable Follower without(String door, ConfigKey key, @Nullable Md5 md5) {
    int looks = MOST_LOOKS;
    for (Iterator<Follower> it = all.iterator(); it.hasNext() && looks > 0; looks--) {
      Follower follower = it.next();
      if (follower.door.equals(door) && follower.hasOther(key, md5)) {
        return follower;
      }
    }
    return null;
  }

  synchronized List<Follower> followers() {
    return new ArrayList<>(all);
  }
}
