package io.posthaste.engine.jetstream;

import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.posthaste.core.LoneNode;
import io.posthaste.core.NodeAnswers;
import io.posthaste.core.Nodes;
import io.posthaste.core.OwnAnswers;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the nodes of the log over NATS, without a stream: a question goes to {@code
 * PREFIX.ask.KIND}, where all nodes hear it, and each answers to {@code PREFIX.answer.NODE.NUMBER},
 * where only the one that asked does. Who is to answer, {@link Peers} tells. Thread-safe.
 *
 * <p>Until a node has been there for as long as it takes to hear the others' beats, it waits for
 * the whole time, as it does not know who is missing.
 */
final class Asking implements Nodes, AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Asking.class);
  private static final String NODE = "Node";
  private static final String MORE = "More"; // another answer of the same node follows
  private static final String WHY = "Why"; // there is no answer
  private static final int UNDER_WAY = 32;
  private static final int LONGEST_REASON = 200;
  private static final long ALL_BEAT_NANOS = Duration.ofMillis(2_500).toNanos();

  private final Wire wire;
  private final String self;
  private final Peers peers;
  private final String questions; // what their subjects begin with
  private final String answers;
  private final OwnAnswers own = new OwnAnswers();
  private final Map<Long, Question> underWay = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final long begunNanos = System.nanoTime();
  private final Dispatcher dispatcher;

  Asking(Wire wire, String prefix, String self, Peers peers) {
    this.wire = wire;
    this.self = self;
    this.peers = peers;
    this.questions = prefix + ".ask.";
    this.answers = prefix + ".answer." + self + ".";
    this.dispatcher = wire.connection().createDispatcher();
    dispatcher.subscribe(questions + "*", this::asked);
    dispatcher.subscribe(answers + "*", this::answered);
  }

  @Override
  public String self() {
    return self;
  }

  @Override
  public Registration answer(String kind, Answerer answerer) {
    return own.add(kind, answerer);
  }

  // ---------------------------------------------------------------- asking

  @Override
  public CompletionStage<NodeAnswers> ask(String kind, Payload text, Duration within) {
    OwnAnswers.checkKind(kind);
    if (text.length() > MAX_QUESTION_BYTES) {
      return CompletableFuture.failedFuture(LoneNode.tooLarge(text));
    }
    boolean connected = wire.isConnected();
    long now = System.nanoTime();
    Set<String> there = peers.names(connected, now);
    there.add(self);
    boolean allKnown = now - begunNanos > ALL_BEAT_NANOS;
    Question question = new Question(there, allKnown);
    long number = numbers.incrementAndGet();
    underWay.put(number, question);
    own.to(kind, text)
        .whenComplete(
            (payloads, failure) -> {
              if (failure == null) {
                payloads.forEach(payload -> question.take(self, payload));
              } else {
                question.refused(self, LoneNode.reason(failure));
              }
              question.done(self);
            });
    String trouble =
        underWay.size() > UNDER_WAY
            ? "this node has " + UNDER_WAY + " questions under way (expected: a retry)"
            : send(questions + kind, answers + number, headers(), text.toByteArray());
    if (!trouble.isEmpty()) {
      question.cutOff(trouble);
    }
    String late = "no answer within " + within.toMillis() + " ms";
    return question
        .complete
        .completeOnTimeout(late, within.toMillis(), TimeUnit.MILLISECONDS)
        .thenApply(
            why -> {
              underWay.remove(number);
              return question.answers(why);
            });
  }

  private Headers headers() {
    return new Headers().put(NODE, self);
  }

  /** Returns why it could not be sent; empty if it was. */
  private String send(String subject, @Nullable String replyTo, Headers headers, byte[] body) {
    if (!wire.isConnected()) {
      return "this node is not connected to NATS";
    }
    try {
      wire.connection().publish(subject, replyTo, headers, body);
      return "";
    } catch (RuntimeException e) { // the connection was lost just now, or its queue is full
      return "NATS: " + e.getMessage();
    }
  }

  /** What was asked, and what has been answered so far. Guarded by itself. */
  private static final class Question {
    /** Why those that have not answered then did not. */
    final CompletableFuture<String> complete = new CompletableFuture<>();

    private final Set<String> awaited;
    private final boolean endsEarly;
    private final List<NodeAnswers.Answer> given = new ArrayList<>();
    private final Map<String, String> silent = new TreeMap<>();

    Question(Set<String> awaited, boolean endsEarly) {
      this.awaited = awaited;
      this.endsEarly = endsEarly;
    }

    synchronized void take(String node, Payload payload) {
      given.add(new NodeAnswers.Answer(node, payload));
    }

    synchronized void refused(String node, String why) {
      silent.put(node, why);
    }

    void done(String node) {
      boolean all;
      synchronized (this) {
        awaited.remove(node);
        all = awaited.isEmpty();
      }
      if (all && endsEarly) {
        complete.complete("");
      }
    }

    /** Nobody else will be heard. */
    synchronized void cutOff(String why) {
      complete.complete(why);
    }

    synchronized NodeAnswers answers(String why) {
      awaited.forEach(node -> silent.put(node, why));
      given.sort(Comparator.comparing(NodeAnswers.Answer::node));
      return new NodeAnswers(List.copyOf(given), silent);
    }
  }

  private void answered(Message message) {
    Headers headers = message.getHeaders();
    String number = message.getSubject().substring(answers.length());
    Question question = number.matches("\\d{1,18}") ? underWay.get(Long.valueOf(number)) : null;
    String node = headers == null ? null : headers.getFirst(NODE);
    if (question == null || node == null) {
      return; // too late, or no answer at all
    }
    String why = headers.getFirst(WHY);
    if (why == null) {
      question.take(node, Payload.wrap(message.getData()));
    } else {
      question.refused(node, why);
    }
    if (headers.getFirst(MORE) == null) {
      question.done(node);
    }
  }

  // ---------------------------------------------------------------- answering

  private void asked(Message message) {
    Headers headers = message.getHeaders();
    String replyTo = message.getReplyTo();
    if (replyTo == null || headers != null && self.equals(headers.getFirst(NODE))) {
      return; // of the own question it has heard already
    }
    String kind = message.getSubject().substring(questions.length());
    own.to(kind, Payload.wrap(message.getData()))
        .whenComplete(
            (payloads, failure) -> {
              if (failure == null) {
                tell(replyTo, payloads);
              } else {
                String why = LoneNode.reason(failure).replaceAll("[^ -~]", "?");
                refuse(replyTo, why.substring(0, Math.min(LONGEST_REASON, why.length())));
              }
            });
  }

  private void tell(String replyTo, List<Payload> payloads) {
    for (int i = 0; i < payloads.size(); i++) {
      Headers headers = headers();
      if (i < payloads.size() - 1) {
        headers.put(MORE, "1");
      }
      String trouble = send(replyTo, null, headers, payloads.get(i).toByteArray());
      if (!trouble.isEmpty()) {
        LOGGER.debug("an answer was not sent why={}", trouble);
      }
    }
  }

  private void refuse(String replyTo, String why) {
    String trouble = send(replyTo, null, headers().put(WHY, why), new byte[0]);
    if (!trouble.isEmpty()) {
      LOGGER.debug("a refusal was not sent why={}", trouble);
    }
  }

  @Override
  public void close() {
    underWay.values().forEach(question -> question.cutOff("this node ends"));
  }
}
