package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Follower;
import io.posthaste.config.Instance;
import io.posthaste.core.Wheel;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** A request that waits until another version is meant for the asker. Owned by its shard. */
final class HeldSights extends Wheel.Entry implements HoldListener {
  /** A release of many configs is one answer. */
  private static final long GATHERING_MILLIS = 5;

  private final Exchange exchange;
  private final Session session;
  private final Instance instance;
  private final Follower follower;
  private final SightWaits waits;
  private final SightWaits.Wait[] all;
  private final Set<ConfigKey> due = new LinkedHashSet<>(1);
  private boolean ended;

  private HeldSights(
      Exchange exchange,
      Session session,
      Instance instance,
      Follower follower,
      SightWaits waits,
      int size) {
    this.exchange = exchange;
    this.session = session;
    this.instance = instance;
    this.follower = follower;
    this.waits = waits;
    this.all = new SightWaits.Wait[size];
  }

  /** Registers, then compares: answers at once if there is something to say, else it waits. */
  static void begin(
      Exchange exchange,
      Session session,
      Instance instance,
      Follower follower,
      SightWaits waits,
      List<Having> list,
      long millis) {
    HeldSights held = new HeldSights(exchange, session, instance, follower, waits, list.size());
    for (int i = 0; i < held.all.length; i++) {
      held.all[i] = waits.add(held, list.get(i).key());
    }
    for (int i = 0; i < held.all.length; i++) {
      if (waits.compare(held.all[i], list.get(i))) {
        held.due.add(list.get(i).key());
      }
    }
    if (held.due.isEmpty()) {
      waits.shard.wheel().set(held, millis);
      exchange.hold(held);
    } else {
      held.answer();
    }
  }

  Instance instance() {
    return instance;
  }

  Follower follower() {
    return follower;
  }

  /** Another version of this is meant for the asker. */
  void isDue(ConfigKey key) {
    if (ended) {
      return;
    }
    due.add(key);
    if (due.size() == 1) {
      try {
        waits.shard.loop().schedule(this::answer, GATHERING_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException loopHasEnded) {
        answer();
      }
    }
  }

  private void answer() {
    if (end()) {
      due.forEach(follower::told);
      follower.answered();
      respond();
    }
  }

  private void respond() {
    SightWaits.answer(exchange, waits.sights(instance, due));
  }

  /** Whether this ended it. */
  private boolean end() {
    if (ended) {
      return false;
    }
    ended = true;
    waits.shard.wheel().cancel(this);
    for (SightWaits.Wait wait : all) {
      waits.remove(wait);
    }
    return true;
  }

  @Override
  protected void onDeadline() {
    answer();
  }

  @Override
  public void onGone() {
    if (end()) {
      follower.lost();
    }
  }

  /** Its connection is about to end, as when its program does. */
  @Override
  public void onHurry() {
    if (end()) {
      follower.lost();
      respond();
    }
  }

  /** Who may no longer read one of them asks anew, and is told nothing of it. */
  @Override
  public void onAccessChanged() {
    for (SightWaits.Wait wait : all) {
      if (!session.mayRead(wait.key().topic())) {
        due.clear();
        if (end()) {
          follower.gone();
          respond();
        }
        return;
      }
    }
  }
}
