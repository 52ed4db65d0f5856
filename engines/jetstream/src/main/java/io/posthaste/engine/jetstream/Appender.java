package io.posthaste.engine.jetstream;

import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Appends by publishing to streams. What asks for nothing goes out at once, one behind the other;
 * an append with a condition first waits for those before it in its batch, and those behind it wait
 * for it. Thread-safe.
 */
final class Appender {
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);
  private static final int WRONG_LAST_SEQUENCE = 10071;
  private static final int DUPLICATE_UNDECIDED = 10158; // since 2.11

  /** No message has this sequence, so a message with such a condition is stored by nobody. */
  private static final long NEVER = 1L << 62;

  /** Asks for what never is, but of the whole stream, which is looked at behind message ids. */
  private static final long UNLESS_DUPLICATE = -2;

  private static final Duration CLAIMED_WITHIN = Duration.ofSeconds(3);

  /** An earlier try with the same key is waited for; if its leader died it may take for ever. */
  private static final Duration DECIDED_WITHIN = Duration.ofSeconds(3);

  private static final Executor SOON = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

  /** A condition that others keep changing is given up after so many tries. */
  private static final int TRIES = 32;

  /** What the server says of a condition that did not hold: the subject's last sequence. */
  private static final Pattern ACTUAL = Pattern.compile("wrong last sequence: ([0-9]+)");

  /**
   * A duplicate of what has no sequence: an earlier try is on its way to the replicas, or it was
   * lost with its leader, and nats-server 2.10 takes no other for as long as it remembers keys.
   */
  private static final String UNDECIDED =
      "an earlier try with this idempotency key is not decided (expected: a retry later)";

  private static final Appended.Unavailable CLOSED =
      new Appended.Unavailable("the log is closed (expected: a retry once the server is back)");

  private final Wire wire;
  private final Routing routing;
  private final String epoch;
  private final InstantSource clock;
  private final long maxUnansweredBytes;
  private final Trimmer trimmer;
  private final Beats beats;
  private final Claims claims;
  private final AtomicLong lastMillis;
  private final AtomicLong unansweredBytes = new AtomicLong();
  private volatile Appended.@Nullable Unavailable refusal; // of all, once there is a reason

  /**
   * @param sinceMillis times of messages begin here, whatever the clock says
   * @param maxUnansweredBytes with more under way, appends are refused
   */
  Appender(
      Wire wire,
      Routing routing,
      String epoch,
      InstantSource clock,
      long sinceMillis,
      long maxUnansweredBytes,
      Trimmer trimmer,
      Beats beats,
      Claims claims) {
    this.wire = wire;
    this.routing = routing;
    this.epoch = epoch;
    this.clock = clock;
    this.lastMillis = new AtomicLong(sinceMillis);
    this.maxUnansweredBytes = maxUnansweredBytes;
    this.trimmer = trimmer;
    this.beats = beats;
    this.claims = claims;
  }

  CompletableFuture<List<Appended>> append(List<Append> batch) {
    List<CompletableFuture<Appended>> outcomes = new ArrayList<>(batch.size());
    CompletableFuture<Void> before = CompletableFuture.completedFuture(null);
    int barrier = 0; // outcomes from here on nobody waits for yet
    for (Append append : batch) {
      if (append.condition() instanceof Condition.Any && before.isDone()) {
        outcomes.add(plain(append));
        continue;
      }
      CompletableFuture<Void> ready =
          CompletableFuture.allOf(
              outcomes.subList(barrier, outcomes.size()).toArray(CompletableFuture[]::new));
      barrier = outcomes.size();
      CompletableFuture<Void> earlier = before;
      CompletableFuture<Appended> outcome =
          earlier.thenCombine(ready, (one, other) -> one).thenCompose(now -> one(append));
      outcomes.add(outcome);
      before = outcome.thenAccept(done -> {});
    }
    return CompletableFuture.allOf(outcomes.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> {
              List<Appended> all = new ArrayList<>(outcomes.size());
              outcomes.forEach(outcome -> all.add(outcome.join()));
              return all;
            });
  }

  /** Takes nothing more. */
  void close() {
    refusal = CLOSED;
  }

  /** Takes nothing more, for this reason. */
  void refuse(String reason) {
    refusal = new Appended.Unavailable(reason);
  }

  /** Whether everything that was sent is answered. */
  boolean isIdle() {
    return unansweredBytes.get() == 0;
  }

  private CompletableFuture<Appended> one(Append append) {
    return append.condition() instanceof Condition.Any ? plain(append) : conditional(append);
  }

  private CompletableFuture<Appended> plain(Append append) {
    return publish(append, -1)
        .thenApply(answer -> answer.outcome != null ? answer.outcome : wrong(answer));
  }

  private static Appended wrong(Answer answer) {
    return new Appended.Unavailable(
        "JetStream refused a message without a condition for a wrong sequence, "
            + answer.actual
            + " (expected: none is asked for)");
  }

  // ---------------------------------------------------------------- conditions

  private CompletableFuture<Appended> conditional(Append append) {
    Partition partition = routing.of(append.topic());
    if (append.condition() instanceof Condition.LatestIs latest) {
      Id id = latest.id();
      boolean ours = id.epoch().equals(epoch) && id.partition() == partition.number;
      return following(append, partition, ours ? id.sequence() : NEVER)
          .thenApply(
              answer -> answer.outcome != null ? answer.outcome : failed(partition, answer.actual));
    }
    if (append.condition() instanceof Condition.Absent) {
      return judged(append, partition, 0, TRIES);
    }
    String subject = Subjects.of(partition.subjects, append.topic());
    return wire.last(partition.stream, subject)
        .handle(
            (latest, failure) ->
                failure != null
                    ? CompletableFuture.completedFuture(unavailable(failure))
                    : judged(append, partition, expectedAfter(append, latest), TRIES))
        .thenCompose(outcome -> outcome);
  }

  /**
   * What must be the latest for the condition to hold, given what is; {@link #NEVER} if it cannot.
   */
  private static long expectedAfter(Append append, Optional<Entry> latest) {
    boolean present = latest.isPresent() && !Codec.isDeleted(latest.get().headers());
    boolean holds = append.condition() instanceof Condition.Present ? present : !present;
    return holds ? latest.map(Entry::sequence).orElse(0L) : NEVER;
  }

  /** Publishes if the latest is the expected one, and else looks what is. */
  private CompletableFuture<Appended> judged(
      Append append, Partition partition, long expected, int tries) {
    if (tries == 0) {
      return CompletableFuture.completedFuture(
          new Appended.Unavailable(
              append.topic() + " changes too fast for a condition (expected: a retry)"));
    }
    return following(append, partition, expected)
        .thenCompose(
            answer -> {
              if (answer.outcome != null) {
                return CompletableFuture.completedFuture(answer.outcome);
              }
              if (answer.actual == 0) {
                return append.condition() instanceof Condition.Present
                    ? CompletableFuture.completedFuture(failed(partition, 0))
                    : judged(append, partition, 0, tries - 1);
              }
              return wire.get(partition.stream, answer.actual)
                  .handle(
                      (latest, failure) -> {
                        if (failure != null) {
                          return CompletableFuture.completedFuture(unavailable(failure));
                        }
                        long next = expectedAfter(append, latest);
                        return next == NEVER
                            ? CompletableFuture.completedFuture(failed(partition, answer.actual))
                            : judged(append, partition, next, tries - 1);
                      })
                  .thenCompose(outcome -> outcome);
            });
  }

  /** Publishes on the condition that the topic's latest message has a sequence, 0 for none. */
  private CompletableFuture<Answer> following(Append append, Partition partition, long expected) {
    if (expected == 0 || expected == NEVER) {
      return publish(append, expected).thenCompose(answer -> orAsBefore(append, answer));
    }
    return following(append, partition, expected, System.nanoTime() + CLAIMED_WITHIN.toNanos());
  }

  private CompletableFuture<Answer> following(
      Append append, Partition partition, long expected, long deadlineNanos) {
    String key = append.key();
    String id = key == null ? null : Codec.messageId(append.topic(), key);
    return claims
        .claim(partition, expected, id)
        .thenCompose(
            claimed ->
                claimed
                    ? publish(append, expected)
                        .thenCompose(answer -> orAsBefore(append, answer))
                        .thenCompose(answer -> released(answer, partition, expected))
                    : behindAnother(append, partition, expected, deadlineNanos))
        .exceptionally(failure -> Answer.of(unavailable(failure)));
  }

  /** The answer, once the claim is given back if nothing follows the message by it. */
  private CompletableFuture<Answer> released(Answer answer, Partition partition, long sequence) {
    boolean followed =
        !(answer.outcome instanceof Appended.KeyReused
            || answer.outcome instanceof Appended.TooLarge
            || answer.outcome instanceof Appended.Stored stored && stored.repeated());
    return followed
        ? CompletableFuture.completedFuture(answer)
        : claims.release(partition, sequence).thenApply(done -> answer);
  }

  /** Somebody else is about to follow that message: waits until it has, or has not. */
  private CompletableFuture<Answer> behindAnother(
      Append append, Partition partition, long expected, long deadlineNanos) {
    String subject = Subjects.of(partition.subjects, append.topic());
    return wire.last(partition.stream, subject)
        .thenCompose(
            last -> {
              long latest = last.map(Entry::sequence).orElse(0L);
              if (latest != expected) {
                return orAsBefore(append, new Answer(null, latest));
              }
              if (System.nanoTime() > deadlineNanos) {
                return CompletableFuture.completedFuture(
                    Answer.of(
                        new Appended.Unavailable(
                            "another append on the same condition is under way (expected: a retry"
                                + " later)")));
              }
              return CompletableFuture.supplyAsync(
                      () -> following(append, partition, expected, deadlineNanos), SOON)
                  .thenCompose(answer -> answer);
            });
  }

  /**
   * The answer, or if the condition did not hold that to an earlier append with the same key: a
   * stream with replicas looks at an expected sequence before it looks at message ids. So the key
   * is asked for by a publish that can only be a duplicate or be refused.
   */
  private CompletableFuture<Answer> orAsBefore(Append append, Answer answer) {
    if (answer.outcome != null || append.key() == null) {
      return CompletableFuture.completedFuture(answer);
    }
    return publish(append, UNLESS_DUPLICATE)
        .thenApply(before -> before.outcome != null ? before : answer);
  }

  private Appended failed(Partition partition, long latest) {
    return new Appended.ConditionFailed(
        latest == 0 ? null : new Id(epoch, partition.number, latest));
  }

  private static Appended unavailable(Throwable failure) {
    Throwable inner = failure instanceof CompletionException ? failure.getCause() : null;
    Throwable cause = inner == null ? failure : inner;
    return new Appended.Unavailable(String.valueOf(cause.getMessage()));
  }

  // ---------------------------------------------------------------- publishing

  /**
   * What became of one try.
   *
   * @param outcome null if the condition did not hold
   * @param actual then the sequence of the topic's latest message, 0 if there is none
   */
  private record Answer(@Nullable Appended outcome, long actual) {
    static Answer of(Appended outcome) {
      return new Answer(outcome, 0);
    }
  }

  /**
   * Publishes once; again while an earlier try with the same key is not decided.
   *
   * @param expected the sequence that the topic's latest message must have, 0 if there must be
   *     none, {@link #UNLESS_DUPLICATE}, or -1 if it does not matter
   */
  private CompletableFuture<Answer> publish(Append append, long expected) {
    return publish(append, expected, System.nanoTime() + DECIDED_WITHIN.toNanos());
  }

  private CompletableFuture<Answer> publish(Append append, long expected, long deadlineNanos) {
    Appended.Unavailable refused = refusal;
    if (refused != null) {
      return CompletableFuture.completedFuture(Answer.of(refused));
    }
    Partition partition = routing.of(append.topic());
    if (append.payload().length() > partition.policy.maxMessageBytes()) {
      return CompletableFuture.completedFuture(
          Answer.of(new Appended.TooLarge(partition.policy.maxMessageBytes())));
    }
    long timeMillis =
        append.timeMillis() == Append.NOW
            ? lastMillis.updateAndGet(last -> Math.max(last, clock.millis()))
            : append.timeMillis();
    Headers headers = Codec.headers(append, timeMillis);
    String key = append.key();
    if (key != null) {
      headers.put("Nats-Msg-Id", Codec.messageId(append.topic(), key));
      headers.put(Codec.DIGEST, Long.toHexString(append.bodyDigest()));
    }
    if (expected >= 0) {
      headers.put("Nats-Expected-Last-Subject-Sequence", Long.toString(expected));
    } else if (expected == UNLESS_DUPLICATE) {
      headers.put("Nats-Expected-Last-Sequence", Long.toString(NEVER));
    }
    byte[] payload = Codec.payload(append);
    int overhead = headers.serializedLength();
    long room = wire.connection().getMaxPayload() - overhead;
    if (payload.length > room) {
      return CompletableFuture.completedFuture(Answer.of(new Appended.TooLarge(Math.max(room, 0))));
    }
    int bytes = payload.length + overhead;
    if (unansweredBytes.addAndGet(bytes) > maxUnansweredBytes) {
      unansweredBytes.addAndGet(-bytes);
      return CompletableFuture.completedFuture(
          Answer.of(
              new Appended.Unavailable(
                  "too much waits for an answer of JetStream's: "
                      + maxUnansweredBytes
                      + " bytes (expected: a retry later)")));
    }
    String subject = Subjects.of(partition.subjects, append.topic());
    Beats.Sending sending = beats.sending(partition);
    return wire.request(subject, headers, payload, ANSWERED_WITHIN)
        .handle(
            (answer, failure) -> {
              unansweredBytes.addAndGet(-bytes);
              Answered read = read(answer, failure);
              if (UNDECIDED.equals(read.trouble) && System.nanoTime() - deadlineNanos < 0) {
                beats.answered(sending, partition, append.topic(), 0, false);
                return CompletableFuture.supplyAsync(
                        () -> publish(append, expected, deadlineNanos), SOON)
                    .thenCompose(again -> again);
              }
              beats.answered(
                  sending,
                  partition,
                  append.topic(),
                  read.duplicate ? 0 : read.sequence,
                  read.mayBeStored);
              if (read.sequence > 0) {
                partition.learn(read.sequence);
                trimmer.grew(partition, subject);
              }
              return answer(read, append, partition, timeMillis);
            })
        .thenCompose(answered -> answered);
  }

  /**
   * What JetStream said of a publish.
   *
   * @param sequence its place; 0 if it was not stored, or that is not known
   * @param duplicate whether it was stored before, under the same key
   * @param actual if the condition did not hold, the topic's last sequence; else below 0
   * @param trouble what went wrong, if anything
   * @param mayBeStored whether it may be stored in spite of that
   */
  private record Answered(
      long sequence,
      boolean duplicate,
      long actual,
      @Nullable String trouble,
      boolean mayBeStored) {
    static Answered trouble(String what, boolean mayBeStored) {
      return new Answered(0, false, -1, what, mayBeStored);
    }
  }

  private static Answered read(@Nullable Message answer, @Nullable Throwable failure) {
    if (answer == null) {
      return unanswered(failure);
    }
    try {
      JsonValue json = Wire.json(answer.getData());
      long sequence = JsonValueUtils.readLong(json, "seq", 0);
      boolean duplicate = JsonValueUtils.readBoolean(json, "duplicate");
      return sequence > 0
          ? new Answered(sequence, duplicate, -1, null, false)
          : Answered.trouble(UNDECIDED, true);
    } catch (Wire.ApiError e) {
      Matcher actual = ACTUAL.matcher(String.valueOf(e.getMessage()));
      if (e.errorCode == WRONG_LAST_SEQUENCE && actual.find()) {
        return new Answered(0, false, Long.parseLong(actual.group(1)), null, false);
      }
      if (e.errorCode == DUPLICATE_UNDECIDED) {
        return Answered.trouble(UNDECIDED, true);
      }
      return Answered.trouble("JetStream refuses: " + e.getMessage(), false);
    } catch (RuntimeException e) {
      return Answered.trouble("JetStream's answer is none: " + e.getMessage(), true);
    }
  }

  private static Answered unanswered(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof LogException known) {
      return Answered.trouble(known.getMessage() + " (expected: a retry later)", false);
    }
    if (cause instanceof JetStreamStatusException) {
      return Answered.trouble(
          "the stream has no leader at the moment (expected: a retry later)", false);
    }
    return Answered.trouble(
        "JetStream did not answer within "
            + ANSWERED_WITHIN.toSeconds()
            + " s: the message may or may not be stored (expected: a retry with the same idempotency"
            + " key)",
        true);
  }

  private CompletableFuture<Answer> answer(
      Answered read, Append append, Partition partition, long timeMillis) {
    if (read.trouble != null) {
      return CompletableFuture.completedFuture(Answer.of(new Appended.Unavailable(read.trouble)));
    }
    if (read.actual >= 0) {
      return CompletableFuture.completedFuture(new Answer(null, read.actual));
    }
    Id id = new Id(epoch, partition.number, read.sequence);
    if (!read.duplicate) {
      return CompletableFuture.completedFuture(
          Answer.of(new Appended.Stored(id, timeMillis, false)));
    }
    return wire.get(partition.stream, read.sequence)
        .handle(
            (first, failure) ->
                Answer.of(
                    failure != null
                        ? unavailable(failure)
                        : repeated(append, id, timeMillis, first)));
  }

  /** The first answer again; if the message has gone meanwhile, nothing tells what it was. */
  private static Appended repeated(Append append, Id id, long timeMillis, Optional<Entry> first) {
    if (first.isEmpty()) {
      return new Appended.Stored(id, timeMillis, true);
    }
    Headers headers = first.get().headers();
    return Codec.digest(headers) == append.bodyDigest()
        ? new Appended.Stored(id, Codec.timeMillis(headers), true)
        : new Appended.KeyReused();
  }
}
