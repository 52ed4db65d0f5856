package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Wheel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What one client is being told. Of one thing it is told once at a time; what changes meanwhile is
 * told when it has said that it has heard. What it does not acknowledge is said again, soon at
 * first; whoever acknowledges nothing for half a minute is given up, not queued for. What it has
 * acknowledged and then does nothing about is said again too, for it may have lost it.
 *
 * <pre>
 *   owed ──▶ said ──▶ acknowledged ──▶ forgotten
 *             │ ▲          │
 *             └─┴──────────┘ again
 * </pre>
 *
 * <p>Owned by its shard's thread.
 */
final class Pushes extends Wheel.Entry {
  /** So many things are told before the first of them is acknowledged. */
  static final int MOST_UNACKNOWLEDGED = 256;

  private static final long FIRST_MILLIS = 200;
  private static final long MOST_MILLIS = 6_400;
  private static final int MOST_TIMES = 9; // the last about 25 s after the first

  private static final long IDLE_FIRST_MILLIS = 1_000;
  private static final long IDLE_MOST_MILLIS = 64_000;

  private final Wheel wheel;
  private final Way way;
  private final Map<Notice, Push> byNotice = new HashMap<>();
  private final Map<String, Push> unacknowledged = new HashMap<>(); // by what they were said under
  private final Set<Notice> owed = new LinkedHashSet<>();
  private long lastId;
  private long nextMillis = Long.MAX_VALUE; // when the first of them is said again

  /** How to the client. */
  interface Way {
    /** Whether it takes more now. */
    boolean hasRoom();

    /** Sends a message. */
    void send(String type, ObjectNode json);

    /** It hears nothing. */
    void giveUp();
  }

  /** What was said. */
  private static final class Push {
    final Notice notice;
    String id = "";
    int times; // said, since it was acknowledged
    int idleTimes; // acknowledged without consequence
    long dueMillis;
    boolean isAgain; // something has changed since

    Push(Notice notice) {
      this.notice = notice;
    }
  }

  Pushes(Wheel wheel, Way way) {
    this.wheel = wheel;
    this.way = way;
  }

  /** Has the client told of something, now or when it takes more. */
  void tell(Notice notice) {
    Push push = byNotice.computeIfAbsent(notice, Push::new);
    if (unacknowledged.containsKey(push.id)) {
      push.isAgain = true;
    } else if (!hasRoom()) {
      byNotice.remove(notice);
      owed.add(notice);
      wakeWithin(FIRST_MILLIS);
    } else {
      owed.remove(notice);
      push.idleTimes = 0;
      say(push);
    }
  }

  /** Has the client told once more of what it was told and has not acknowledged, if it was. */
  void tellAgain(Notice notice) {
    Push push = byNotice.get(notice);
    if (push != null && unacknowledged.containsKey(push.id)) {
      push.isAgain = true;
    }
  }

  private boolean hasRoom() {
    return unacknowledged.size() < MOST_UNACKNOWLEDGED && way.hasRoom();
  }

  private void say(Push push) {
    unacknowledged.remove(push.id);
    ObjectNode json = push.notice.json();
    if (json == null) {
      byNotice.remove(push.notice);
      return;
    }
    push.id = Long.toString(++lastId);
    push.isAgain = false; // by this it is told of all
    unacknowledged.put(push.id, push);
    schedule(push, pause(FIRST_MILLIS, push.times++, MOST_MILLIS));
    way.send(push.notice.type(), json.put("requestId", push.id));
  }

  private static long pause(long first, int times, long most) {
    return Math.min(most, first << Math.min(times, 16));
  }

  /** The client has heard what was said under that id. */
  void acknowledged(String id) {
    Push push = unacknowledged.remove(id);
    if (push != null) {
      push.times = 0;
      if (push.notice.onAcknowledged()) {
        byNotice.remove(push.notice);
      } else {
        schedule(push, pause(IDLE_FIRST_MILLIS, push.idleTimes++, IDLE_MOST_MILLIS));
      }
      if (push.isAgain) {
        tell(push.notice);
      }
    }
    tellOwed(); // also if it was forgotten meanwhile, which has made room
  }

  /** There is nothing to say of that any more, or the client knows. */
  void forget(Notice notice) {
    owed.remove(notice);
    Push push = byNotice.remove(notice);
    if (push != null) {
      unacknowledged.remove(push.id);
    }
  }

  /** Tells what could not be told before, as far as the client takes it now. */
  void tellOwed() {
    while (!owed.isEmpty() && hasRoom()) {
      Iterator<Notice> first = owed.iterator();
      Notice notice = first.next();
      first.remove();
      tell(notice);
    }
  }

  private void schedule(Push push, long pauseMillis) {
    push.dueMillis = now() + pauseMillis;
    wakeWithin(pauseMillis);
  }

  private void wakeWithin(long millis) {
    long at = now() + millis;
    if (!isDeadlineSet() || at < nextMillis) {
      nextMillis = at;
      wheel.set(this, millis);
    }
  }

  @Override
  protected void onDeadline() {
    long now = now();
    List<Push> due = new ArrayList<>();
    for (Push push : byNotice.values()) {
      if (push.dueMillis <= now) {
        due.add(push);
      }
    }
    for (Push push : due) {
      if (push.times >= MOST_TIMES) {
        way.giveUp();
        return;
      }
      boolean isHeard = !unacknowledged.containsKey(push.id);
      if (way.hasRoom() && (!isHeard || hasRoom())) {
        say(push);
      } else {
        push.dueMillis = now + pause(FIRST_MILLIS, isHeard ? 16 : push.times++, MOST_MILLIS);
      }
    }
    tellOwed();
    long wait = owed.isEmpty() ? Long.MAX_VALUE : FIRST_MILLIS;
    for (Push push : byNotice.values()) {
      wait = Math.min(wait, Math.max(0, push.dueMillis - now));
    }
    if (wait < Long.MAX_VALUE) {
      nextMillis = now + wait;
      wheel.set(this, wait);
    }
  }

  /** Ends all of it. */
  void end() {
    wheel.cancel(this);
    byNotice.clear();
    unacknowledged.clear();
    owed.clear();
  }

  private static long now() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
