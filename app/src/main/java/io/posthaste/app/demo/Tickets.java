package io.posthaste.app.demo;

import io.posthaste.app.demo.Ticket.State;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.Message;
import io.posthaste.core.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Sign-ins by phone, each a topic whose latest message says where it stands. Every step is an
 * append on the condition that the step before is still the latest, so of several who race only one
 * takes it, on whichever server they are; the others look again, and find it taken.
 *
 * <p>Three secrets of 128 bits: the <em>code</em> is in the picture; it leads to the topic, whose
 * name is its digest. Who scans first is given the <em>phone's</em>, without which nobody can
 * answer. The <em>desktop's</em> is in no picture: without it nobody can come for the sign-in.
 * Topics are below {@code $}, where only the server writes.
 *
 * <p>Thread-safe. Stages complete on a thread of the log's.
 */
final class Tickets {
  static final Duration LIFE = Duration.ofMinutes(2);
  static final Duration TO_BE_USED = Duration.ofSeconds(30);

  private static final String PREFIX = "$demo/sign-in/";
  private static final String TYPE = "application/json";

  private final Hub hub;
  private final Clock clock;
  private final Secrets secrets = new Secrets();
  private final Map<Topic, Long> open = new ConcurrentHashMap<>(); // made here, and until when

  /** A new ticket, for the desktop that wanted it. */
  record Made(String code, String secret, Topic topic, Id id) {}

  /** A ticket that was scanned, for the phone that was first. */
  record Scanned(String secret) {}

  Tickets(Hub hub, Clock clock) {
    this.hub = hub;
    this.clock = clock;
  }

  CompletionStage<Made> make() {
    String code = secrets.make();
    String secret = secrets.make();
    Topic topic = topicOf(code);
    long until = clock.millis() + LIFE.toMillis();
    Append first = append(topic, Ticket.of(secret, until)).when(Condition.ABSENT);
    open.put(topic, until);
    return hub.publish(first)
        .thenApply(
            outcome -> {
              if (outcome instanceof Appended.Stored stored) {
                return new Made(code, secret, topic, stored.id());
              }
              open.remove(topic);
              throw new LogException("no ticket could be made: " + outcome);
            });
  }

  /** A phone has read the code. Empty if it leads to none that waits to be scanned. */
  CompletionStage<Optional<Scanned>> scan(String code) {
    String secret = secrets.make();
    return move(
            topicOf(code),
            ticket ->
                ticket.state() == State.NEW
                    ? Optional.of(ticket.scannedBy(secret))
                    : Optional.empty())
        .thenApply(moved -> moved.map(ticket -> new Scanned(secret)));
  }

  /**
   * The phone answers. Asked again it is told what became of it. Empty if it is not the one that
   * scanned.
   *
   * @param as whom to sign in; empty to refuse
   */
  CompletionStage<Optional<Ticket>> answer(String code, String phone, String as) {
    return move(
        topicOf(code),
        ticket -> {
          if (!ticket.isPhone(phone)) {
            return Optional.empty();
          } else if (ticket.state() != State.SCANNED) {
            return Optional.of(ticket);
          }
          return Optional.of(
              as.isEmpty()
                  ? ticket.to(State.REFUSED)
                  : ticket.confirmed(as, clock.millis() + TO_BE_USED.toMillis()));
        });
  }

  /** The desktop comes for its sign-in: once. Empty if there is none for it. */
  CompletionStage<Optional<Ticket>> use(String code, String desktop) {
    return move(
        topicOf(code),
        ticket ->
            ticket.state() == State.CONFIRMED && ticket.isDesktop(desktop)
                ? Optional.of(ticket.to(State.USED))
                : Optional.empty());
  }

  /** Says of those made here that are too late that they are. To be called now and then. */
  void expire() {
    long now = clock.millis();
    open.forEach(
        (topic, until) -> {
          if (until <= now) {
            move(topic, Optional::of)
                .thenAccept(ticket -> settle(topic, ticket)); // if the log fails: again next time
          }
        });
  }

  /** Looks no more after what is over, and later after what may take longer. */
  private void settle(Topic topic, Optional<Ticket> ticket) {
    if (ticket.isEmpty() || ticket.get().state().isOver()) {
      open.remove(topic);
    } else {
      open.replace(topic, ticket.get().untilMillis());
    }
  }

  /**
   * Takes a step, on the condition that nobody takes another meanwhile. One whose time has come
   * expires instead.
   *
   * @param step what is to become of a ticket: itself to leave it, empty to refuse
   * @return what has become of it; empty if there is none, it is too late or the step refuses
   */
  private CompletionStage<Optional<Ticket>> move(
      Topic topic, Function<Ticket, Optional<Ticket>> step) {
    return hub.latest(topic)
        .thenCompose(
            found ->
                found.isEmpty() || found.get().deleted()
                    ? CompletableFuture.completedFuture(Optional.empty())
                    : move(topic, found.get(), step));
  }

  private CompletionStage<Optional<Ticket>> move(
      Topic topic, Message latest, Function<Ticket, Optional<Ticket>> step) {
    Ticket before = Ticket.read(latest.payload());
    boolean late = !before.state().isOver() && before.untilMillis() <= clock.millis();
    Optional<Ticket> after = late ? Optional.of(before.to(State.EXPIRED)) : step.apply(before);
    if (after.isEmpty() || after.get() == before) {
      return CompletableFuture.completedFuture(after);
    }
    if (!before.state().mayBecome(after.get().state())) {
      throw new IllegalStateException(before.state() + " to " + after.get().state());
    }
    Condition unchanged = new Condition.LatestIs(Id.of(hub.epoch(), latest));
    return hub.publish(append(topic, after.get()).when(unchanged))
        .thenCompose(
            outcome -> {
              if (outcome instanceof Appended.Stored) {
                Optional<Ticket> moved = late ? Optional.empty() : after;
                return CompletableFuture.completedFuture(moved);
              } else if (outcome instanceof Appended.ConditionFailed) {
                return move(topic, step); // somebody was quicker; there are four steps at most
              }
              throw new LogException("the ticket could not be moved: " + outcome);
            });
  }

  private static Append append(Topic topic, Ticket ticket) {
    return Append.of(topic, TYPE, ticket.payload(Demo.nowMicros()));
  }

  static Topic topicOf(String code) {
    return new Topic(PREFIX + Secrets.digest(code));
  }
}
