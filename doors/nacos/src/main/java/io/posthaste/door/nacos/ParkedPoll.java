package io.posthaste.door.nacos;

import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Follower;
import io.posthaste.config.Instance;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.Wheel;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Response;
import io.posthaste.server.Use;
import java.util.AbstractList;
import java.util.List;

/** A poll that waits for one of its configs to change. Owned by its shard's thread. */
final class ParkedPoll extends Wheel.Entry implements HoldListener {
  private final Exchange exchange;
  private final Session session;
  private final Instance instance;
  private final Follower follower;
  private final Waiters waiters;
  private final Waiters.Wait[] waits;
  private boolean ended;

  private ParkedPoll(
      Exchange exchange,
      Session session,
      Instance instance,
      Follower follower,
      Waiters waiters,
      int size) {
    this.exchange = exchange;
    this.session = session;
    this.instance = instance;
    this.follower = follower;
    this.waiters = waiters;
    this.waits = new Waiters.Wait[size];
  }

  /** Registers a poll; it hears nothing before this returns. */
  static ParkedPoll register(
      Exchange exchange,
      Session session,
      Instance instance,
      Follower follower,
      Waiters waiters,
      List<Listening.Entry> entries) {
    ParkedPoll poll =
        new ParkedPoll(exchange, session, instance, follower, waiters, entries.size());
    for (int i = 0; i < poll.waits.length; i++) {
      poll.waits[i] = waiters.add(poll, entries.get(i));
    }
    return poll;
  }

  /** Who waits. */
  Instance instance() {
    return instance;
  }

  /** Parks it, for so long at the most. */
  void park(long millis) {
    waiters.shard.wheel().set(this, millis);
    exchange.hold(this);
  }

  /** Ends the poll; its answer, if any, is not from here. */
  void end() {
    if (!ended) {
      ended = true;
      waiters.shard.wheel().cancel(this);
      for (Waiters.Wait wait : waits) {
        waiters.remove(wait);
      }
    }
  }

  /** Answers that a config has changed, if the poll still waits. Borrows the answer. */
  void tell(ConfigKey key, Response answer) {
    if (!ended) {
      follower.told(key);
      answer(answer);
    }
  }

  private void answer(Response answer) {
    if (!ended) {
      end();
      follower.answered();
      exchange.respond(answer);
    }
  }

  private void answerNothing() {
    Response nothing = Answers.text(200, "");
    answer(nothing);
    nothing.release();
  }

  @Override
  protected void onDeadline() {
    answerNothing();
  }

  @Override
  public void onGone() {
    end();
    follower.lost();
  }

  @Override
  public void onHurry() {
    answerNothing();
  }

  @Override
  public void onAccessChanged() {
    for (Waiters.Wait wait : waits) {
      Topic topic = wait.key().topic();
      if (!session.mayRead(topic)) {
        end();
        follower.gone();
        Sessions.forbid(exchange, session, "read on", topic);
        return;
      }
    }
  }

  @Override
  public Use use() {
    List<TopicPattern> topics =
        new AbstractList<>() {
          @Override
          public TopicPattern get(int index) {
            return TopicPattern.of(waits[index].key().topic());
          }

          @Override
          public int size() {
            return waits.length;
          }
        };
    return new Use("nacos", topics, List.of());
  }
}
