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
 * first; whoever acknowledges nothing for half a minute is given up, not queued for. Owned by its
 * shard's thread.
 */
final class Pushes extends Wheel.Entry {
  /** So many things are told before the first of them is acknowledged. */
  static final int MOST_UNACKNOWLEDGED = 256;

  private static final long FIRST_MILLIS = 200;
  private static final long MOST_MILLIS = 6_400;
  private static final int MOST_TIMES = 9; // the last about 25 s after the first

  private final Wheel wheel;
  private final Way way;
  private final Map<Notice, Push> byNotice = new HashMap<>();
  private final Map<String, Push> byId = new HashMap<>();
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

  /** What was said and is not acknowledged. */
  private static final class Push {
    final Notice notice;
    String id = "";
    int times;
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
    Push before = byNotice.get(notice);
    if (before != null) {
      before.isAgain = true;
    } else if (!hasRoom()) {
      owed.add(notice);
    } else {
      owed.remove(notice);
      Push push = new Push(notice);
      if (say(push)) {
        byNotice.put(notice, push);
        schedule(push);
      }
    }
  }

  private boolean hasRoom() {
    return byNotice.size() < MOST_UNACKNOWLEDGED && way.hasRoom();
  }

  private boolean say(Push push) {
    ObjectNode json = push.notice.json();
    if (json == null) {
      return false;
    }
    byId.remove(push.id);
    push.id = Long.toString(++lastId);
    byId.put(push.id, push);
    postpone(push, now());
    way.send(push.notice.type(), json.put("requestId", push.id));
    return true;
  }

  /** The client has heard what was said under that id. */
  void acknowledged(String id) {
    Push push = byId.remove(id);
    if (push != null) {
      byNotice.remove(push.notice);
      push.notice.onAcknowledged();
      if (push.isAgain) {
        tell(push.notice);
      }
      tellOwed();
    }
  }

  /** There is nothing to say of that any more, or the client knows. */
  void forget(Notice notice) {
    owed.remove(notice);
    Push push = byNotice.remove(notice);
    if (push != null) {
      byId.remove(push.id);
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

  private void schedule(Push push) {
    if (!isDeadlineSet() || push.dueMillis < nextMillis) {
      nextMillis = push.dueMillis;
      wheel.set(this, Math.max(0, nextMillis - now()));
    }
  }

  @Override
  protected void onDeadline() {
    long now = now();
    List<Push> late = new ArrayList<>();
    for (Push push : byNotice.values()) {
      if (push.dueMillis <= now) {
        late.add(push);
      }
    }
    for (Push push : late) {
      if (push.times >= MOST_TIMES) {
        way.giveUp();
        return;
      }
      if (!way.hasRoom()) {
        postpone(push, now); // to send it more would only queue
      } else if (say(push)) {
        push.isAgain = false; // by what was said just now it is told of all
      } else {
        forget(push.notice);
      }
    }
    nextMillis = Long.MAX_VALUE;
    byNotice.values().forEach(this::schedule);
  }

  private static void postpone(Push push, long now) {
    push.dueMillis = now + Math.min(MOST_MILLIS, FIRST_MILLIS << push.times);
    push.times++;
  }

  /** Ends all of it. */
  void end() {
    wheel.cancel(this);
    byNotice.clear();
    byId.clear();
    owed.clear();
  }

  private static long now() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
