package io.posthaste.door.apollo;

import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigWaits;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.core.Wheel;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Response;
import io.posthaste.server.Use;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/** A poll that waits for one of its namespaces to change. Owned by its shard's thread. */
final class ParkedPoll extends Wheel.Entry implements HoldListener {
  private final Exchange exchange;
  private final Session session;
  private final ConfigWaits<Wait> waits;

  /** Whose poll it is. */
  final Caller caller;

  private final List<Wait> own;

  /** Whether the answer is of the kind that has one namespace only. */
  final boolean isSingle;

  private boolean ended;

  /**
   * @param size how many waits it will have
   */
  ParkedPoll(
      Exchange exchange,
      Session session,
      Caller caller,
      ConfigWaits<Wait> waits,
      int size,
      boolean isSingle) {
    this.exchange = exchange;
    this.session = session;
    this.caller = caller;
    this.waits = waits;
    this.own = new ArrayList<>(size);
    this.isSingle = isSingle;
  }

  /** Has it hear of the namespaces that it follows. */
  void register(List<PollHandler.Followed> all) {
    for (PollHandler.Followed followed : all) {
      String namespace = followed.notification().namespace();
      for (ConfigKey asked : followed.asked()) {
        Wait wait = new Wait(this, asked, namespace, followed.notification().id());
        waits.add(Spellings.fold(asked), wait);
        own.add(wait);
      }
    }
  }

  /** Whether whoever waits may know of this. */
  boolean mayRead(ConfigKey key) {
    return session.mayRead(key.topic());
  }

  /** Parks it, for so long at the most. */
  void park(long millis) {
    waits.shard().wheel().set(this, millis);
    exchange.hold(this);
  }

  /** Has it hear of nothing any more, before it was parked. */
  void remove() {
    ended = true;
    own.forEach(waits::remove);
  }

  private void end() {
    if (!ended) {
      remove();
      waits.shard().wheel().cancel(this);
      caller.end();
    }
  }

  /** Answers the poll, if it still waits. Borrows the answer. */
  void answer(Response answer) {
    if (!ended) {
      end();
      exchange.respond(answer);
    }
  }

  private void answerNothing() {
    Response nothing = Answers.empty(304);
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
  }

  @Override
  public void onHurry() {
    answerNothing();
  }

  @Override
  public void onAccessChanged() {
    for (Wait wait : own) {
      Topic topic = wait.asked.topic();
      if (!ended && !session.mayRead(topic)) {
        end();
        Answers.forbid(exchange, session, "read on", topic);
      }
    }
  }

  @Override
  public Use use() {
    List<TopicPattern> topics =
        new AbstractList<>() {
          @Override
          public TopicPattern get(int index) {
            return TopicPattern.of(own.get(index).asked.topic());
          }

          @Override
          public int size() {
            return own.size();
          }
        };
    return new Use("apollo", topics, List.of());
  }
}
