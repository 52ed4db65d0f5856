package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Poll;
import io.posthaste.core.Presence;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.HoldListener;
import io.posthaste.server.Joining;
import io.posthaste.server.Request;
import io.posthaste.server.Response;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/updates}: one URL, the request says how it can wait. */
final class UpdatesHandler implements Guard.Guarded {
  private final Hub hub;
  private final NativeOptions options;
  private final FormsByShard forms;
  private final Presence presence;

  private final Guard guard;

  UpdatesHandler(
      Hub hub, NativeOptions options, FormsByShard forms, Presence presence, Guard guard) {
    this.guard = guard;
    this.presence = presence;
    this.hub = hub;
    this.options = options;
    this.forms = forms;
  }

  @Override
  public void handle(Exchange exchange, Session session) {
    Request request = exchange.request();
    UpdatesQuery query = UpdatesQuery.of(request);
    TopicPattern unreadable = session.firstUnreadable(query.topics());
    if (unreadable != null) {
      Answers.problem(exchange, Refusal.unreadable(session, unreadable));
      return;
    }
    ShardForms shared = forms.of(exchange);
    boolean onlyHead = request.method().equals("HEAD");
    String callback = query.callback();
    Presence.Member member = null;
    Joining joining = query.joining();
    if (joining != null && !session.mayPublish(joining.topic())) {
      Answers.problem(exchange, Refusal.unpublishable(session, joining.topic()));
      return;
    }
    if (joining != null && !onlyHead && query.technique() != Technique.SOCKET) {
      Optional<Presence.Member> joined = joining.join(presence, query.technique().door());
      if (joined.isEmpty()) {
        Answers.problem(exchange, Refusal.tooManyPresences());
        return;
      }
      member = joined.get();
    }
    switch (query.technique()) {
      case POLL -> poll(exchange, session, shared, query, onlyHead, member);
      case EVENTS ->
          stream(exchange, session, shared, query, new EventStream(options.retryMillis()), member);
      case LINES -> stream(exchange, session, shared, query, new LineStream(), member);
      case FRAME ->
          stream(
              exchange,
              session,
              shared,
              query,
              new ForeverFrame(query, callback == null ? "" : callback, options),
              member);
      case SOCKET ->
          SocketConnection.begin(exchange, session, shared, hub, options, presence, guard, query);
    }
  }

  private void poll(
      Exchange exchange,
      Session session,
      ShardForms shared,
      UpdatesQuery query,
      boolean onlyHead,
      Presence.@Nullable Member member) {
    Id before = query.before();
    if (before == null) {
      long wait = onlyHead ? 0 : jittered(query.waitMillis(), options);
      Poll poll = new Poll(query.subscription(session), query.limit(), wait);
      HeldPoll.begin(exchange, session, shared, poll, member);
      return;
    }
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        hub.history(query.topics(), before, query.limit()),
        page -> exchange.respond(shared.page(page)),
        refusal -> Answers.problem(exchange, refusal));
  }

  /**
   * How long a poll is held: what was asked for but for up to a fifth, so that clients that came
   * together do not come again together.
   */
  static long jittered(long waitMillis, NativeOptions options) {
    long most = Math.min(waitMillis, options.maxWaitMillis());
    return most == 0 ? 0 : most - ThreadLocalRandom.current().nextLong(most / 5 + 1);
  }

  private static void stream(
      Exchange exchange,
      Session session,
      ShardForms shared,
      UpdatesQuery query,
      StreamForm form,
      Presence.@Nullable Member member) {
    if (exchange.request().method().equals("HEAD")) {
      Response head = form.head();
      exchange.respond(head);
      head.release();
      return;
    }
    StreamedReader.begin(
        exchange, session, shared, form, query.technique(), query.subscription(session), member);
  }
}
