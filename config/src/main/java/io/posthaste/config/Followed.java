package io.posthaste.config;

import io.posthaste.core.Id;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A config that somebody listens to, who does, and its versions lately, so that who has which
 * shares them. Thread-safe; its monitor comes after a follower's and before a version's.
 */
final class Followed {
  private static final int MOST_VERSIONS = 8;

  final ConfigKey key;
  int holdings; // changed only within the directory's entry of it
  private @Nullable Holding first; // of all that are followers' of this
  private final Deque<SeenVersion> versions = new ArrayDeque<>(2); // the youngest first

  Followed(ConfigKey key) {
    this.key = key;
  }

  /** A follower listens to this from now on. */
  synchronized void add(Holding holding) {
    Holding behind = first;
    holding.next = behind;
    if (behind != null) {
      behind.previous = holding;
    }
    first = holding;
  }

  /** A follower, added before, listens to this no more. */
  synchronized void remove(Holding holding) {
    Holding before = holding.previous;
    Holding behind = holding.next;
    if (before == null) {
      first = behind;
    } else {
      before.next = behind;
    }
    if (behind != null) {
      behind.previous = before;
    }
  }

  /** Who listens to this, in no order; to be looked at without this monitor. */
  synchronized List<Follower> followers() {
    List<Follower> all = new ArrayList<>();
    for (Holding one = first; one != null; one = one.next) {
      all.add(one.follower);
    }
    return all;
  }

  /** A version that is in force. */
  synchronized SeenVersion version(@Nullable Md5 md5, @Nullable Id id, long publishedMillis) {
    for (SeenVersion known : versions) {
      if (Objects.equals(known.id, id) && Objects.equals(known.md5, md5)) {
        return known;
      }
    }
    SeenVersion version = new SeenVersion(md5, id, publishedMillis);
    versions.addFirst(version);
    if (versions.size() > MOST_VERSIONS) {
      versions.removeLast();
    }
    return version;
  }

  /** The youngest version of a content; one without an id if none is known. */
  synchronized SeenVersion ofContent(@Nullable Md5 md5) {
    for (SeenVersion known : versions) {
      if (Objects.equals(known.md5, md5)) {
        return known;
      }
    }
    return new SeenVersion(md5, null, 0); // not kept: anybody can claim any
  }

  /** Those that are known, the youngest first. */
  synchronized List<SeenVersion> versions() {
    return new ArrayList<>(versions);
  }
}
