package io.posthaste.door.tcp;

import io.netty.util.collection.LongObjectHashMap;
import io.posthaste.access.Session;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Cursor;
import io.posthaste.core.Gap;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.PendingPoll;
import io.posthaste.core.PollListener;
import io.posthaste.core.PollResult;
import io.posthaste.core.Shard;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicClaims;
import io.posthaste.core.TopicPattern;
import io.posthaste.door.tcp.v1.Ack;
import io.posthaste.door.tcp.v1.ClientFrame;
import io.posthaste.door.tcp.v1.Done;
import io.posthaste.door.tcp.v1.ErrorCode;
import io.posthaste.door.tcp.v1.Join;
import io.posthaste.door.tcp.v1.Latest;
import io.posthaste.door.tcp.v1.Missed;
import io.posthaste.door.tcp.v1.Outcome;
import io.posthaste.door.tcp.v1.Pong;
import io.posthaste.door.tcp.v1.Publish;
import io.posthaste.door.tcp.v1.PublishBatch;
import io.posthaste.door.tcp.v1.ServerFrame;
import io.posthaste.server.Authorship;
import io.posthaste.server.Joining;
import io.posthaste.server.OwnPresences;
import io.posthaste.server.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client that has introduced itself asks for: its readers, publications, polls. A client's
 * mistake is answered and the connection lives. To be used by its shard's thread only.
 */
final class TcpSession {
  private static final Logger LOG = LoggerFactory.getLogger(TcpSession.class);
  private static final int PLACES_A_HEARTBEAT = 64;

  private final TcpConnection connection;
  private final Session who;
  private final Hub hub;
  private final Shard shard;
  private final TcpOptions options;
  private final FrameCache cache;
  private final OwnPresences presences;
  private final TopicClaims claims;
  private final LongObjectHashMap<TcpReader> readers = new LongObjectHashMap<>(2);
  private final List<TcpReader> waiting = new ArrayList<>(0);
  private final List<HeldRequest> polls = new ArrayList<>(0);
  private List<Append> gathered = new ArrayList<>(0); // publications that came together
  private List<Long> gatheredRefs = new ArrayList<>(0); // beside gathered
  private int unanswered;
  private long unansweredBytes;
  private @Nullable Runnable finished; // what to do when all is answered
  private boolean flushes;

  TcpSession(TcpConnection connection, Session who) {
    this.who = who;
    this.connection = connection;
    this.hub = connection.door().hub();
    this.shard = connection.shard();
    this.options = connection.door().options();
    this.claims = new TopicClaims(options.topics());
    this.presences = new OwnPresences(connection.door().presence(), TcpDoor.NAME);
    this.cache = connection.door().cache(connection.loop());
  }

  /**
   * Does what a frame asks for.
   *
   * @throws MalformedException if it breaks a rule
   */
  void take(ClientFrame frame) {
    if (frame.getOpCase() != ClientFrame.OpCase.PUBLISH) {
      // Before whatever follows them.
      publishGathered();
    }
    long ref = frame.getRef();
    switch (frame.getOpCase()) {
      case HELLO ->
          throw new MalformedException("hello: said already (expected: in the first frame only)");
      case SUBSCRIBE -> subscribe(ref, who.own(Requests.subscription(frame.getSubscribe())));
      case UNSUBSCRIBE -> unsubscribe(ref);
      case PUBLISH -> publish(ref, frame.getPublish());
      case PUBLISH_BATCH -> publish(ref, frame.getPublishBatch());
      case POLL -> poll(ref, Requests.poll(frame.getPoll()));
      case LATEST -> latest(ref, frame.getLatest());
      case ACK -> ack(ref, frame.getAck());
      case PING ->
          connection.write(
              ServerFrame.newBuilder().setRef(ref).setPong(Pong.getDefaultInstance()).build());
      case JOIN -> join(ref, frame.getJoin());
      case LEAVE -> leave(ref);
      case PONG -> {} // that it was heard is all there is to it
      case OP_NOT_SET ->
          connection.refuse(
              ref,
              Refusal.of(
                  ErrorCode.UNKNOWN_OP,
                  "op: none that is known (expected: subscribe, unsubscribe, publish,"
                      + " publish_batch, poll, latest, ack, join, leave, ping or pong)"));
    }
  }

  // ---- readers ----

  /** Who has the connection. */
  Session who() {
    return who;
  }

  /** Whether what proved who it is has ended. */
  boolean isOver() {
    return who.isOver();
  }

  private boolean mayRead(long ref, List<TopicPattern> topics) {
    TopicPattern unreadable = who.firstUnreadable(topics);
    if (unreadable != null) {
      connection.refuse(ref, Refusal.forbidden(who, "read on \"" + unreadable + "\""));
    }
    return unreadable == null;
  }

  /** Who may what has changed: readers and polls end that rest on what is no longer granted. */
  void onAccessChanged() {
    for (TcpReader reader : List.copyOf(readers.values())) {
      if (!mayRead(reader.ref(), reader.topics())) {
        reader.close();
        waiting.remove(reader);
        forget(reader);
      }
    }
    for (HeldRequest poll : List.copyOf(polls)) {
      if (poll.pending != null && !mayRead(poll.ref, poll.pending.topics())) {
        poll.pending.cancel();
        polls.remove(poll);
      }
    }
    presences
        .leaveUnless(who::mayPublish)
        .forEach((ref, topic) -> connection.refuse((Long) ref, unpublishable(topic)));
    onAnswered();
  }

  private void subscribe(long ref, Subscription what) {
    if (!mayRead(ref, what.topics())) {
      return;
    }
    if (readers.size() == options.readers()) {
      connection.refuse(
          ref,
          Refusal.of(
              ErrorCode.TOO_MANY_READERS,
              "this connection has "
                  + readers.size()
                  + " readers (expected: at most "
                  + options.readers()
                  + ")"));
      return;
    }
    if (readers.containsKey(ref)) {
      connection.refuse(
          ref, Refusal.of(ErrorCode.REF_TAKEN, "ref: a reader has it (expected: another)"));
      return;
    }
    String taken = claims.claim(what.topics());
    if (taken != null) {
      connection.refuse(
          ref,
          Refusal.of(
              ErrorCode.TOPIC_TAKEN,
              "topics: another reader of this connection has \""
                  + taken
                  + "\" (expected: a topic in one reader only)"));
      return;
    }
    TcpReader reader = new TcpReader(this, ref, what.topics());
    readers.put(ref, reader);
    reader.reads(shard.subscribe(what, reader));
  }

  private void unsubscribe(long ref) {
    TcpReader reader = readers.get(ref);
    if (reader == null) {
      connection.refuse(
          ref,
          Refusal.of(
              ErrorCode.UNKNOWN_REF, "ref: no reader has it (expected: that of a Subscribe)"));
      return;
    }
    reader.close();
    forget(reader);
    done(ref, Done.newBuilder());
  }

  private void forget(TcpReader reader) {
    readers.remove(reader.ref());
    claims.release(reader.topics());
  }

  /** The reader's log could not be read; the reader is closed. */
  void readerFailed(TcpReader reader) {
    forget(reader);
    connection.refuse(reader.ref(), Refusal.failed());
    flushSoon();
  }

  /** The reader is to be resumed when there is room in the socket. */
  void waitsForRoom(TcpReader reader) {
    waiting.add(reader);
  }

  /** There is room in the socket again. */
  void onRoom() {
    List<TcpReader> resumed = List.copyOf(waiting);
    waiting.clear();
    resumed.forEach(TcpReader::resume);
  }

  /**
   * Sends a message to one of the readers.
   *
   * @param cursor null if it is the message's id
   * @return whether there is room for another
   */
  boolean sendMessage(long ref, Message message, @Nullable String cursor) {
    cache.frame(connection.alloc(), message, ref).sendTo(connection, ref, cursor);
    return connection.isWritable();
  }

  /** Tells where a reader stands. */
  void sendPlace(long ref, Cursor place) {
    done(ref, Done.newBuilder().setNext(place.toString()));
  }

  /** Tells what a reader missed. */
  void sendMissed(long ref, List<Gap> gaps, Cursor next) {
    Missed.Builder missed = Missed.newBuilder();
    for (Gap gap : gaps) {
      String from =
          gap.from() == 0
              ? next.toString()
              : new Id(hub.epoch(), gap.partition(), gap.from()).toString();
      missed.addGaps(
          io.posthaste.door.tcp.v1.Gap.newBuilder().setTopic(gap.topics().text()).setFrom(from));
    }
    connection.write(ServerFrame.newBuilder().setRef(ref).setMissed(missed).build());
  }

  /** Tells quiet readers where they stand, so that they can resume from near the head. */
  void tellPlaces() {
    int told = 0;
    for (TcpReader reader : readers.values()) {
      Cursor place = reader.untold();
      if (place != null) {
        sendPlace(reader.ref(), place);
        if (++told == PLACES_A_HEARTBEAT) {
          return;
        }
      }
    }
  }

  /** Flushes at once for an only reader; for one of many when the loop has served the others. */
  void flushSoon() {
    if (readers.size() <= 1) {
      connection.flush();
    } else if (!flushes) {
      flushes = true;
      shard
          .loop()
          .execute(
              () -> {
                flushes = false;
                connection.flush();
              });
    }
  }

  // ---- presences ----

  private void join(long ref, Join wire) {
    Joining joining =
        Joining.of(
            wire.getPlace(), wire.getAs(), wire.getDevice().isEmpty() ? null : wire.getDevice());
    if (joining == null) {
      throw new MalformedException("join: empty (expected: place and as)");
    }
    if (!who.mayPublish(joining.topic())) {
      connection.refuse(ref, unpublishable(joining.topic()));
      return;
    }
    switch (presences.join(ref, joining)) {
      case JOINED -> done(ref, Done.newBuilder());
      case TAKEN ->
          connection.refuse(
              ref, Refusal.of(ErrorCode.REF_TAKEN, "ref: a presence has it (expected: another)"));
      case TOO_MANY ->
          connection.refuse(
              ref,
              Refusal.of(
                  ErrorCode.TOO_MANY_PRESENCES,
                  "this connection has "
                      + OwnPresences.MOST
                      + " presences (expected: at most as many)"));
      case BUSY ->
          connection.refuse(
              ref,
              new Refusal(
                  ErrorCode.BUSY,
                  "this server has as many presences as it may (expected: a retry elsewhere or"
                      + " later)",
                  true,
                  null));
    }
  }

  private void leave(long ref) {
    if (presences.leave(ref)) {
      done(ref, Done.newBuilder());
    } else {
      connection.refuse(
          ref,
          Refusal.of(ErrorCode.UNKNOWN_REF, "ref: no presence has it (expected: that of a Join)"));
    }
  }

  /** What the connection is used for. */
  Use use() {
    List<TopicPattern> topics = new ArrayList<>();
    readers.values().forEach(reader -> topics.addAll(reader.topics()));
    for (HeldRequest poll : polls) {
      if (poll.pending != null) {
        topics.addAll(poll.pending.topics());
      }
    }
    return new Use(TcpDoor.NAME, topics, presences.all());
  }

  // ---- publications ----

  private void publish(long ref, Publish wire) {
    Append append = Requests.append(wire);
    if (append.topic().isReserved()) {
      connection.refuse(ref, reserved(append.topic()));
      return;
    }
    if (!who.mayPublish(append.topic())) {
      connection.refuse(ref, unpublishable(append.topic()));
      return;
    }
    Refusal tooFast = Refusal.ofRate(options.publishRate(), who, connection.peerAddress(), 1);
    if (tooFast != null) {
      connection.refuseForAWhile(ref, tooFast);
      return;
    }
    gathered.add(Authorship.of(append, who, connection.peerAddress()));
    gatheredRefs.add(ref);
    begin(append.payload().length());
  }

  private Refusal unpublishable(Topic topic) {
    return Refusal.forbidden(who, "publish on \"" + topic + "\"");
  }

  private static Refusal reserved(Topic topic) {
    return Refusal.of(
        ErrorCode.RESERVED,
        "topic: \"" + topic + "\" is the server's own (expected: one that does not begin with $)");
  }

  /** Publishes together what came together: one append, one answer of the log's, one flush. */
  void publishGathered() {
    if (gathered.isEmpty()) {
      return;
    }
    List<Append> appends = gathered;
    List<Long> refs = gatheredRefs;
    gathered = new ArrayList<>(0);
    gatheredRefs = new ArrayList<>(0);
    then(
        hub.publish(appends),
        outcomes -> {
          for (int i = 0; i < outcomes.size(); i++) {
            answer(refs.get(i), appends.get(i), outcomes.get(i));
          }
        },
        () -> refs.forEach(ref -> connection.refuse(ref, Refusal.failed())),
        () -> {
          for (Append append : appends) {
            end(append.payload().length());
          }
        });
  }

  private void answer(long ref, Append append, Appended outcome) {
    if (outcome instanceof Appended.Stored stored) {
      done(ref, Done.newBuilder().setId(stored.id().toString()).setAtMillis(stored.timeMillis()));
    } else if (isNothingToDelete(append, outcome)) {
      done(ref, Done.newBuilder());
    } else {
      refuse(ref, outcome);
    }
  }

  private static boolean isNothingToDelete(Append append, Appended outcome) {
    return append.deleted()
        && append.condition() instanceof io.posthaste.core.Condition.Present
        && outcome instanceof Appended.ConditionFailed;
  }

  private void refuse(long ref, Appended outcome) {
    Refusal refusal = Refusal.of(outcome);
    connection.refuse(ref, refusal == null ? Refusal.failed() : refusal);
  }

  private void publish(long ref, PublishBatch wire) {
    List<Append> appends = new ArrayList<>();
    List<@Nullable Refusal> refusals = new ArrayList<>();
    long bytes = 0;
    for (Publish each : wire.getMessagesList()) {
      Refusal refusal = null;
      try {
        Append append = Requests.append(each);
        if (append.topic().isReserved()) {
          refusal = reserved(append.topic());
        } else if (!who.mayPublish(append.topic())) {
          refusal = unpublishable(append.topic());
        } else {
          appends.add(Authorship.of(append, who, connection.peerAddress()));
          bytes += append.payload().length();
        }
      } catch (MalformedException e) {
        refusal = Refusal.malformed(String.valueOf(e.getMessage()));
      }
      refusals.add(refusal);
    }
    Refusal tooFast =
        Refusal.ofRate(options.publishRate(), who, connection.peerAddress(), appends.size());
    if (tooFast != null) {
      connection.refuseForAWhile(ref, tooFast);
      return;
    }
    long payloads = bytes;
    begin(payloads);
    then(
        hub.publish(appends),
        outcomes -> done(ref, outcomes(appends, outcomes, refusals)),
        () -> connection.refuse(ref, Refusal.failed()),
        () -> end(payloads));
  }

  private static Done.Builder outcomes(
      List<Append> appends, List<Appended> outcomes, List<@Nullable Refusal> refusals) {
    Done.Builder done = Done.newBuilder();
    int next = 0;
    for (Refusal known : refusals) {
      Refusal refusal = known;
      Outcome.Builder outcome = Outcome.newBuilder();
      if (refusal == null) {
        Append append = appends.get(next);
        Appended became = outcomes.get(next++);
        if (became instanceof Appended.Stored stored) {
          outcome.setId(stored.id().toString()).setAtMillis(stored.timeMillis());
        } else if (!isNothingToDelete(append, became)) {
          refusal = Refusal.of(became);
        }
      }
      if (refusal != null) {
        outcome.setError(refusal.toError());
      }
      done.addOutcomes(outcome);
    }
    return done;
  }

  private void ack(long ref, Ack wire) {
    if (who.grants().isEmpty()) {
      connection.refuse(ref, Refusal.forbidden(who, "a consumer"));
      return;
    }
    CompletionStage<Appended> acked =
        hub.ack(who.consumer(wire.getConsumer()), Cursor.parse(wire.getCursor()));
    begin(0);
    then(
        acked,
        outcome -> {
          if (outcome instanceof Appended.Stored) {
            done(ref, Done.newBuilder());
          } else {
            refuse(ref, outcome);
          }
        },
        () -> connection.refuse(ref, Refusal.failed()),
        () -> end(0));
  }

  // ---- questions ----

  private void latest(long ref, Latest wire) {
    Topic topic = new Topic(wire.getTopic());
    if (!mayRead(ref, List.of(TopicPattern.of(topic)))) {
      return;
    }
    boolean older = !wire.getId().isEmpty();
    CompletionStage<Optional<Message>> asked =
        older ? hub.at(topic, Id.parse(wire.getId())) : hub.latest(topic);
    begin(0);
    then(
        asked,
        found -> {
          Optional<Message> there = found.filter(message -> !message.deleted());
          if (there.isPresent()) {
            sendMessage(ref, there.get(), null);
            done(ref, Done.newBuilder());
          } else {
            connection.refuse(
                ref,
                Refusal.of(
                    ErrorCode.NOT_FOUND,
                    older
                        ? "the topic keeps no message of that id"
                        : "the topic has no message, or was deleted"));
          }
        },
        () -> connection.refuse(ref, Refusal.failed()),
        () -> end(0));
  }

  private void poll(long ref, io.posthaste.core.Poll asked) {
    io.posthaste.core.Poll what =
        new io.posthaste.core.Poll(who.own(asked.what()), asked.limit(), asked.waitMillis());
    if (!mayRead(ref, what.what().topics())) {
      return;
    }
    if (polls.size() == options.polls()) {
      connection.refuse(
          ref,
          new Refusal(
              ErrorCode.BUSY,
              polls.size() + " polls of this connection are under way (expected: wait for one)",
              true,
              null));
      return;
    }
    HeldRequest held = new HeldRequest(ref);
    polls.add(held);
    held.pending = shard.poll(what, held);
  }

  /** A poll that is not yet answered. */
  private final class HeldRequest implements PollListener {
    private final long ref;
    private @Nullable PendingPoll pending;

    HeldRequest(long ref) {
      this.ref = ref;
    }

    @Override
    public void onResult(PollResult result) {
      polls.remove(this);
      if (!result.gaps().isEmpty()) {
        sendMissed(ref, result.gaps(), result.next());
      }
      for (Message message : result.messages()) {
        sendMessage(ref, message, null);
      }
      done(ref, Done.newBuilder().setNext(result.next().toString()).setMore(result.more()));
      onAnswered();
    }

    @Override
    public void onFailed(LogException failure) {
      polls.remove(this);
      connection.refuse(ref, Refusal.failed());
      onAnswered();
    }
  }

  // ---- answers ----

  private void done(long ref, Done.Builder done) {
    connection.write(ServerFrame.newBuilder().setRef(ref).setDone(done).build());
  }

  private void begin(long bytes) {
    unanswered++;
    unansweredBytes += bytes;
  }

  private void end(long bytes) {
    unanswered--;
    unansweredBytes -= bytes;
  }

  /** Whether so much is unanswered that nothing more is to be read. */
  boolean isFull() {
    return unanswered >= options.unanswered() || unansweredBytes >= options.unansweredBytes();
  }

  /** Whether all that was asked for once is answered. */
  boolean isIdle() {
    return unanswered == 0 && polls.isEmpty() && gathered.isEmpty();
  }

  /**
   * Goes on by the shard's thread when a stage is complete: at once if it is already.
   *
   * @param ended is called in any case, before what waits for room goes on
   */
  private <T> void then(
      CompletionStage<T> stage, Consumer<? super T> done, Runnable failed, Runnable ended) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone()) {
      complete(future, done, failed, ended);
      return;
    }
    future.whenComplete(
        (value, failure) -> {
          try {
            shard.loop().execute(() -> complete(future, done, failed, ended));
          } catch (RejectedExecutionException e) {
            LOG.debug("loop ended before an answer came");
          }
        });
  }

  private <T> void complete(
      CompletableFuture<T> future, Consumer<? super T> done, Runnable failed, Runnable ended) {
    ended.run();
    if (!connection.isOpen()) {
      return;
    }
    try {
      done.accept(future.join());
    } catch (RuntimeException e) {
      LOG.error("a request of the log's failed", e);
      failed.run();
    }
    onAnswered();
  }

  private void onAnswered() {
    connection.flush();
    Runnable then = finished;
    if (then != null && isIdle()) {
      finished = null;
      then.run();
    } else {
      connection.goOn();
    }
  }

  // ---- the end ----

  /** Nothing more will be asked: readers end, held polls are answered now. */
  void onNoMoreRequests() {
    tellPlaces();
    closeReaders();
    for (HeldRequest poll : List.copyOf(polls)) {
      if (poll.pending != null) {
        poll.pending.answerNow();
      }
    }
  }

  /** Answers what is under way, then does the last thing. */
  void finish(Runnable last) {
    onNoMoreRequests();
    if (isIdle()) {
      last.run();
    } else {
      finished = last;
    }
  }

  /** Ends everything, unanswered. */
  void close() {
    closeReaders();
    presences.end();
    for (HeldRequest poll : List.copyOf(polls)) {
      if (poll.pending != null) {
        poll.pending.cancel();
      }
    }
    polls.clear();
    gathered.clear();
    gatheredRefs.clear();
    finished = null;
  }

  private void closeReaders() {
    for (TcpReader reader : List.copyOf(readers.values())) {
      reader.close();
    }
    readers.clear();
    waiting.clear();
  }
}
