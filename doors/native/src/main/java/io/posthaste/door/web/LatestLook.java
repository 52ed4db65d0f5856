package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.PendingPoll;
import io.posthaste.core.Poll;
import io.posthaste.core.PollListener;
import io.posthaste.core.PollResult;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Use;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A look at a topic's latest message that may wait until there is news to the client. */
final class LatestLook implements PollListener, HoldListener {
  private final Exchange exchange;
  private final Session session;
  private final Hub hub;
  private final ShardForms forms;
  private final Topic topic;
  private final @Nullable String known;
  private final long endNanos;
  private @Nullable Message latest;
  private @Nullable PendingPoll pending;
  private boolean answered;
  private boolean gone;
  private boolean hurried;

  private LatestLook(
      Exchange exchange,
      Session session,
      Hub hub,
      ShardForms forms,
      Topic topic,
      @Nullable String known,
      long waitMillis) {
    this.exchange = exchange;
    this.session = session;
    this.hub = hub;
    this.forms = forms;
    this.topic = topic;
    this.known = known;
    this.endNanos = System.nanoTime() + waitMillis * 1_000_000;
  }

  /**
   * @param known the entity tags that the client knows
   * @param waitMillis how long an answer that says nothing new is held back
   */
  static void begin(
      Exchange exchange,
      Session session,
      Hub hub,
      ShardForms forms,
      Topic topic,
      @Nullable String known,
      long waitMillis) {
    LatestLook look = new LatestLook(exchange, session, hub, forms, topic, known, waitMillis);
    exchange.hold(look);
    OnShard.then(exchange.shard(), hub.latest(topic), look::found, look::failed);
  }

  private void found(Optional<Message> found) {
    latest = found.orElse(null);
    if (isNews() || remainingMillis() == 0) {
      answer();
    } else {
      hold();
    }
  }

  /** Whether what stands is something that the client does not know. */
  private boolean isNews() {
    Message message = latest;
    if (message == null) {
      return false;
    }
    boolean isKnown = known != null && Conditions.isKnown(known, Id.of(hub.epoch(), message));
    if (message.deleted()) {
      // Who names a version that it knows has not heard that the topic is gone.
      return known != null && !known.equals("*") && !isKnown;
    }
    return !isKnown;
  }

  private long remainingMillis() {
    return hurried ? 0 : Math.max(0, (endNanos - System.nanoTime()) / 1_000_000);
  }

  private void hold() {
    if (gone) {
      return;
    }
    if (!session.mayRead(topic)) {
      // Taken away while the log was asked: nobody told us, as nothing was held yet.
      answered = true;
      Answers.problem(exchange, Refusal.unreadable(session, TopicPattern.of(topic)));
      return;
    }
    Message from = latest;
    Start start =
        from == null ? Start.BEGINNING : new Start.After(Id.of(hub.epoch(), from).toCursor());
    Subscription what = new Subscription(List.of(TopicPattern.of(topic)), start, true);
    PendingPoll poll = exchange.shard().poll(new Poll(what, 1, remainingMillis()), this);
    if (!answered) {
      pending = poll;
    }
  }

  @Override
  public void onResult(PollResult result) {
    pending = null;
    if (!result.messages().isEmpty()) {
      latest = result.messages().get(result.messages().size() - 1);
    }
    Message message = latest;
    boolean deleted = !result.messages().isEmpty() && message != null && message.deleted();
    if (deleted && !isNews() && remainingMillis() > 0) {
      hold();
    } else {
      answer();
    }
  }

  private void answer() {
    answered = true;
    Message message = latest;
    if (message == null) {
      Answers.problem(exchange, TopicHandler.absent(topic, null));
      return;
    }
    Id id = Id.of(hub.epoch(), message);
    if (message.deleted()) {
      Map<String, String> tag = Map.of("ETag", Answers.etag(id));
      Answers.problem(exchange, TopicHandler.absent(topic, message), tag);
    } else if (isNews()) {
      exchange.respond(forms.payload(message));
    } else {
      Answers.empty(exchange, 304, Map.of("ETag", Answers.etag(id), "Cache-Control", "no-cache"));
    }
  }

  @Override
  public void onFailed(LogException failure) {
    OnShard.sayNowAndThen(failure);
    failed(Refusal.of(failure));
  }

  private void failed(Refusal refusal) {
    answered = true;
    Answers.problem(exchange, refusal);
  }

  @Override
  public void onAccessChanged() {
    PendingPoll poll = pending;
    if (poll != null && !answered && !session.mayRead(topic)) {
      answered = true;
      pending = null;
      poll.cancel();
      Answers.problem(exchange, Refusal.unreadable(session, TopicPattern.of(topic)));
    }
  }

  @Override
  public Use use() {
    return new Use(Technique.POLL.door(), List.of(TopicPattern.of(topic)), List.of());
  }

  @Override
  public void onGone() {
    gone = true;
    if (pending != null) {
      pending.cancel();
    }
  }

  @Override
  public void onHurry() {
    hurried = true;
    if (pending != null) {
      pending.answerNow();
    }
  }
}
