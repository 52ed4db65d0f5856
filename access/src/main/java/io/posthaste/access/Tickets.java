package io.posthaste.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Tickets: for clients that can send no header, such as an {@code EventSource}, a ticket in the
 * address opens one stream of the topics that it names, once, within 30 s, on any node. It is a
 * message under the digest of its secret; whoever writes the tombstone over it has used it, and a
 * condition sees to it that only one does.
 */
final class Tickets {
  static final String ROOT = "$tickets";

  /** For how long a ticket can be used. */
  static final long MILLIS = 30_000;

  private static final String PREFIX = "pt_";
  private static final int MOST_TOPICS = 100;
  private static final Proved.Refused REFUSED =
      new Proved.Refused(
          "the ticket was used, or is too old (expected: a new one for each stream)");

  private final Access access;
  private final Log log;

  Tickets(Access access) {
    this.access = access;
    this.log = access.log();
  }

  /**
   * Gives a ticket to whoever has this session and may read these topics; empty if the log cannot.
   */
  CompletionStage<Optional<String>> give(Session session, List<TopicPattern> topics) {
    if (topics.isEmpty() || topics.size() > MOST_TOPICS) {
      throw new MalformedException(
          "topics: " + topics.size() + " (expected: 1 to " + MOST_TOPICS + ")");
    }
    String secret = Secrets.secret();
    ObjectNode node = Records.object();
    node.put("until", access.now() + MILLIS);
    node.put("kind", session.identity().kind().name()).put("id", session.identity().id());
    node.set("basis", write(session.basis()));
    ArrayNode names = node.putArray("topics");
    topics.forEach(topic -> names.add(topic.text()));
    Append append =
        Append.of(topicOf(secret), Records.TYPE, Records.payload(node)).when(Condition.ABSENT);
    return log.append(List.of(append))
        .thenApply(
            outcomes ->
                outcomes.get(0) instanceof Appended.Stored
                    ? Optional.of(PREFIX + secret)
                    : Optional.empty());
  }

  /** Uses a ticket up. */
  CompletionStage<Proved> use(String ticket) {
    if (!ticket.startsWith(PREFIX) || ticket.length() > 128) {
      return CompletableFuture.completedFuture(REFUSED);
    }
    Topic topic = topicOf(ticket.substring(PREFIX.length()));
    return log.latest(topic)
        .thenCompose(latest -> use(topic, latest))
        .exceptionally(
            failure -> new Proved.Unavailable("the log does not answer (expected: a retry)"));
  }

  private CompletionStage<Proved> use(Topic topic, Optional<Message> latest) {
    if (latest.isEmpty() || latest.get().deleted()) {
      return CompletableFuture.completedFuture(REFUSED);
    }
    Message given = latest.get();
    Append used = Append.tombstone(topic).when(new Condition.LatestIs(Id.of(log.epoch(), given)));
    return log.append(List.of(used))
        .thenApply(
            outcomes -> {
              if (outcomes.get(0) instanceof Appended.Unavailable unavailable) {
                return new Proved.Unavailable(unavailable.reason());
              }
              return outcomes.get(0) instanceof Appended.Stored ? admit(given) : REFUSED;
            });
  }

  private Proved admit(Message given) {
    try {
      JsonNode node = Records.object(given);
      List<TopicPattern> topics = new ArrayList<>();
      for (JsonNode topic : node.path("topics")) {
        topics.add(new TopicPattern(topic.asText()));
      }
      if (node.path("until").asLong() <= access.now()) {
        return REFUSED;
      }
      Identity identity =
          new Identity(Identity.Kind.valueOf(node.path("kind").asText()), node.path("id").asText());
      return access.admit(identity, new Basis.ByTicket(basis(node.path("basis")), topics));
    } catch (IllegalArgumentException e) {
      return REFUSED; // of another version of this server
    }
  }

  private static Topic topicOf(String secret) {
    return new Topic(ROOT + "/" + Secrets.digest(secret));
  }

  // ---- what the session that it was given to rests on ----

  private static ObjectNode write(Basis basis) {
    ObjectNode node = Records.object();
    if (basis instanceof Basis.ByAccount account) {
      return node.put("by", "account").put("id", account.id()).put("revision", account.revision());
    }
    if (basis instanceof Basis.ByKey key) {
      return node.put("by", "key")
          .put("key", key.key())
          .put("owner", key.owner())
          .put("expires", key.expiresMillis());
    }
    if (basis instanceof Basis.BySaying saying) {
      node.put("by", "saying").put("id", saying.id()).put("expires", saying.expiresMillis());
      node.set("grants", Records.array(saying.grants()));
      return node;
    }
    if (basis instanceof Basis.Nothing) {
      return node.put("by", "nothing");
    }
    if (basis instanceof Basis.NotSetUp) {
      return node.put("by", "notSetUp");
    }
    if (basis instanceof Basis.Operating) {
      return node.put("by", "operating");
    }
    throw new MalformedException("ticket: none is given for a ticket (expected: another proof)");
  }

  private static Basis basis(JsonNode node) {
    return switch (node.path("by").asText()) {
      case "account" ->
          new Basis.ByAccount(node.path("id").asText(), node.path("revision").asLong());
      case "key" ->
          new Basis.ByKey(
              node.path("key").asText(),
              node.path("owner").asText(),
              node.path("expires").asLong());
      case "saying" ->
          new Basis.BySaying(
              node.path("id").asText(), Records.grants(node), node.path("expires").asLong());
      case "nothing" -> new Basis.Nothing();
      case "notSetUp" -> new Basis.NotSetUp();
      case "operating" -> new Basis.Operating();
      default -> throw new MalformedException("basis: not known here");
    };
  }
}
