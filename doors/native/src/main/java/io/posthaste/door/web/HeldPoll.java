package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.core.LogException;
import io.posthaste.core.PendingPoll;
import io.posthaste.core.Poll;
import io.posthaste.core.PollListener;
import io.posthaste.core.PollResult;
import io.posthaste.core.Presence;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Joining;
import io.posthaste.server.Use;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A poll over HTTP, short or long. */
final class HeldPoll implements PollListener, HoldListener {
  private final Exchange exchange;
  private final Session session;
  private final ShardForms forms;
  private final Presence.@Nullable Member member;
  private @Nullable PendingPoll pending;
  private boolean answered;

  private HeldPoll(
      Exchange exchange, Session session, ShardForms forms, Presence.@Nullable Member member) {
    this.session = session;
    this.member = member;
    this.exchange = exchange;
    this.forms = forms;
  }

  /**
   * Answers an exchange with what a poll finds.
   *
   * @param member who is there by polling; null for nobody
   */
  static void begin(
      Exchange exchange,
      Session session,
      ShardForms forms,
      Poll poll,
      Presence.@Nullable Member member) {
    HeldPoll held = new HeldPoll(exchange, session, forms, member);
    PendingPoll pending = exchange.shard().poll(poll, held);
    if (!held.answered) {
      held.pending = pending;
      exchange.hold(held);
    }
  }

  @Override
  public void onResult(PollResult result) {
    answered = true;
    leave();
    exchange.respond(forms.page(result));
  }

  @Override
  public void onFailed(LogException failure) {
    answered = true;
    leave();
    OnShard.sayNowAndThen(failure);
    Answers.problem(exchange, Refusal.of(failure));
  }

  @Override
  public void onGone() {
    leave();
    PendingPoll poll = pending;
    if (poll != null) {
      poll.cancel();
    }
  }

  @Override
  public void onAccessChanged() {
    PendingPoll poll = pending;
    if (poll == null || answered) {
      return;
    }
    TopicPattern unreadable = session.firstUnreadable(poll.topics());
    Refusal why = unreadable == null ? leaveIfForbidden() : Refusal.unreadable(session, unreadable);
    if (why != null) {
      answered = true;
      poll.cancel();
      leave();
      Answers.problem(exchange, why);
    }
  }

  /** Why the one who polls is there no more; null if he may be. */
  private @Nullable Refusal leaveIfForbidden() {
    Presence.Member there = member;
    if (there == null || session.mayPublish(there.who().topic())) {
      return null;
    }
    there.leave(Duration.ZERO);
    return Refusal.unpublishable(session, there.who().topic());
  }

  @Override
  public Use use() {
    PendingPoll poll = pending;
    return new Use(
        Technique.POLL.door(),
        poll == null ? List.of() : poll.topics(),
        member == null ? List.of() : List.of(member.who()));
  }

  private void leave() {
    if (member != null) {
      member.leave(Joining.POLLS_WITHIN);
    }
  }

  @Override
  public void onHurry() {
    PendingPoll poll = pending;
    if (poll != null) {
      poll.answerNow();
    }
  }
}
