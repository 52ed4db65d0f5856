package io.posthaste.door.web;

import io.posthaste.core.LogException;
import io.posthaste.core.PendingPoll;
import io.posthaste.core.Poll;
import io.posthaste.core.PollListener;
import io.posthaste.core.PollResult;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import org.jspecify.annotations.Nullable;

/** A poll over HTTP, short or long. */
final class HeldPoll implements PollListener, HoldListener {
  private final Exchange exchange;
  private final ShardForms forms;
  private @Nullable PendingPoll pending;
  private boolean answered;

  private HeldPoll(Exchange exchange, ShardForms forms) {
    this.exchange = exchange;
    this.forms = forms;
  }

  static void begin(Exchange exchange, ShardForms forms, Poll poll) {
    HeldPoll held = new HeldPoll(exchange, forms);
    PendingPoll pending = exchange.shard().poll(poll, held);
    if (!held.answered) {
      held.pending = pending;
      exchange.hold(held);
    }
  }

  @Override
  public void onResult(PollResult result) {
    answered = true;
    exchange.respond(forms.page(result));
  }

  @Override
  public void onFailed(LogException failure) {
    answered = true;
    Answers.problem(exchange, Refusal.failed());
  }

  @Override
  public void onGone() {
    PendingPoll poll = pending;
    if (poll != null) {
      poll.cancel();
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
