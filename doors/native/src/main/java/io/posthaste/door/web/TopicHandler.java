package io.posthaste.door.web;

import io.netty.buffer.ByteBufUtil;
import io.posthaste.access.Session;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Authorship;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import io.posthaste.server.PercentCoding;
import io.posthaste.server.Request;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code /v1/topics/{topic}}: publish, look at, delete. */
final class TopicHandler {
  static final String PATH = "/v1/topics/";
  private static final Set<String> NONE = Set.of();
  private static final Set<String> LOOK = Set.of("wait", "id", "inspect");

  private final Hub hub;
  private final NativeOptions options;
  private final FormsByShard forms;

  TopicHandler(Hub hub, NativeOptions options, FormsByShard forms) {
    this.hub = hub;
    this.options = options;
    this.forms = forms;
  }

  private static Topic topic(Request request) {
    return new Topic(PercentCoding.decode(request.rawPath().substring(PATH.length())));
  }

  /** {@code POST}: publishes the body. */
  void publish(Exchange exchange, Session session) {
    Request request = exchange.request();
    Parameters.of(request, NONE);
    Topic topic = topic(request);
    if (topic.isReserved()) {
      Answers.problem(exchange, Refusal.reserved(topic.name()));
      return;
    }
    if (!session.mayPublish(topic)) {
      Answers.problem(exchange, Refusal.unpublishable(session, topic));
      return;
    }
    String coding = request.header("content-encoding");
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      throw new MalformedException(
          "Content-Encoding: is not undone here (expected: the payload as readers shall get it)");
    }
    String type = request.header("content-type");
    Append append =
        Publication.of(
            topic,
            type == null ? "" : type,
            ByteBufUtil.getBytes(request.body()),
            Conditions.forWriting(request),
            request.header("idempotency-key"));
    if (!isAdmitted(exchange, session)) {
      return;
    }
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        hub.publish(Authorship.of(append, session, exchange.client())),
        outcome -> published(exchange, topic, outcome),
        refusal -> Answers.problem(exchange, refusal));
  }

  private boolean isAdmitted(Exchange exchange, Session session) {
    return options
        .publishRate()
        .admits(exchange, session, 1, wait -> Answers.tooFast(exchange, wait));
  }

  private static void published(Exchange exchange, Topic topic, Appended outcome) {
    if (!(outcome instanceof Appended.Stored stored)) {
      refuse(exchange, outcome);
      return;
    }
    Answers.json(
        exchange,
        201,
        Map.of("ETag", Answers.etag(stored.id())),
        out -> {
          Publication.writeStored(out.writeByte('{'), topic, stored);
          out.writeByte('}');
        });
  }

  private static void refuse(Exchange exchange, Appended outcome) {
    Refusal refusal = Refusal.of(outcome);
    Answers.problem(exchange, refusal == null ? Refusal.failed() : refusal);
  }

  /** {@code DELETE}: a tombstone, unless the topic is absent already. */
  void delete(Exchange exchange, Session session) {
    Request request = exchange.request();
    Parameters.of(request, NONE);
    Topic topic = topic(request);
    if (topic.isReserved()) {
      Answers.problem(exchange, Refusal.reserved(topic.name()));
      return;
    }
    if (!session.mayPublish(topic)) {
      Answers.problem(exchange, Refusal.unpublishable(session, topic));
      return;
    }
    Condition condition = Conditions.forWriting(request);
    if (condition.equals(Condition.ABSENT)) {
      throw new MalformedException(
          "If-None-Match: has no meaning for DELETE (expected: If-Match: \"ID\", or none)");
    }
    Append bare = Append.tombstone(topic).withKey(request.header("idempotency-key"));
    Append tombstone = Authorship.of(bare, session, exchange.client());
    if (!isAdmitted(exchange, session)) {
      return;
    }
    exchange.hold(HoldListener.SHORTLY);
    Consumer<Refusal> failed = refusal -> Answers.problem(exchange, refusal);
    if (!(condition instanceof Condition.LatestIs expected)) {
      OnShard.then(
          exchange.shard(), hub.publish(tombstone), outcome -> deleted(exchange, outcome), failed);
      return;
    }
    OnShard.then(
        exchange.shard(),
        hub.latest(topic),
        latest -> deleteIf(exchange, tombstone, expected, latest, failed),
        failed);
  }

  /** A condition that names a tombstone must not write another. */
  private void deleteIf(
      Exchange exchange,
      Append tombstone,
      Condition.LatestIs expected,
      Optional<Message> latest,
      Consumer<Refusal> failed) {
    Id is = latest.map(message -> Id.of(hub.epoch(), message)).orElse(null);
    if (latest.isPresent() && latest.get().deleted() && expected.id().equals(is)) {
      Answers.empty(exchange, 204, Map.of());
      return;
    }
    OnShard.then(
        exchange.shard(),
        hub.publish(tombstone.when(expected)),
        outcome -> {
          if (outcome instanceof Appended.Stored stored) {
            Answers.empty(exchange, 204, Map.of("ETag", Answers.etag(stored.id())));
          } else {
            refuse(exchange, outcome);
          }
        },
        failed);
  }

  private static void deleted(Exchange exchange, Appended outcome) {
    if (outcome instanceof Appended.Stored stored) {
      Answers.empty(exchange, 204, Map.of("ETag", Answers.etag(stored.id())));
    } else if (outcome instanceof Appended.ConditionFailed) {
      Answers.empty(exchange, 204, Map.of());
    } else {
      refuse(exchange, outcome);
    }
  }

  /** {@code GET} and {@code HEAD}: the latest, an older one, or what is known of the topic. */
  void look(Exchange exchange, Session session) {
    Request request = exchange.request();
    Parameters given = Parameters.of(request, LOOK);
    Topic topic = topic(request);
    String id = given.one("id");
    boolean inspects = given.has("inspect");
    if (id != null && inspects || given.has("wait") && (id != null || inspects)) {
      throw new MalformedException("id, inspect and wait contradict each other (expected: one)");
    }
    if (!session.mayRead(topic)) {
      Answers.problem(exchange, Refusal.unreadable(session, TopicPattern.of(topic)));
      return;
    }
    Consumer<Refusal> failed = refusal -> Answers.problem(exchange, refusal);
    if (inspects) {
      exchange.hold(HoldListener.SHORTLY);
      OnShard.then(
          exchange.shard(),
          hub.inspect(topic),
          found ->
              Answers.json(exchange, 200, Map.of(), out -> InspectionJson.write(out, hub, found)),
          failed);
    } else if (id != null) {
      Id asked = Id.parse(id);
      ShardForms shared = forms.of(exchange);
      exchange.hold(HoldListener.SHORTLY);
      OnShard.then(
          exchange.shard(),
          hub.at(topic, asked),
          found -> {
            Message message = found.orElse(null);
            if (message == null || message.deleted()) {
              Answers.problem(exchange, absent(topic, message));
            } else {
              exchange.respond(shared.payload(message));
            }
          },
          failed);
    } else {
      boolean onlyHead = request.method().equals("HEAD");
      long wait = onlyHead ? 0 : UpdatesHandler.jittered(given.waitMillis(request), options);
      LatestLook.begin(
          exchange, session, hub, forms.of(exchange), topic, Conditions.known(request), wait);
    }
  }

  /** Why there is nothing to give. */
  static Refusal absent(Topic topic, @Nullable Message tombstone) {
    return Refusal.absent(
        tombstone == null
            ? "topic: \"" + topic + "\" has no such message (expected: one that is kept)"
            : "topic: \"" + topic + "\" was deleted");
  }
}
