package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Md5;
import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The drafts of namespaces, each a message {@code $apollo/draft/{namespace}/{group}/{name}} that no
 * reader of configs sees. Thread-safe; stages as in {@link io.posthaste.config.Configs}.
 */
final class Drafts {
  private static final String PREFIX = "$apollo/draft/";
  private static final int TRIES = 16;

  private final Hub hub;

  Drafts(Hub hub) {
    this.hub = hub;
  }

  private static Topic topic(ConfigKey key) {
    return new Topic(PREFIX + key);
  }

  /** The draft of a namespace; an empty one if there is none. */
  CompletionStage<Draft> get(ConfigKey key) {
    return hub.latest(topic(key)).thenApply(Drafts::read);
  }

  /**
   * Changes a draft, whoever changes it at the same time.
   *
   * @return {@link Changed.Done}, {@link Changed.AbsentAlready} if nothing was to be changed, or
   *     why not
   */
  CompletionStage<Changed> change(ConfigKey key, UnaryOperator<Draft> edit) {
    return change(key, edit, TRIES);
  }

  private CompletionStage<Changed> change(ConfigKey key, UnaryOperator<Draft> edit, int tries) {
    Topic topic = topic(key);
    return hub.latest(topic)
        .thenCompose(
            latest -> {
              Draft before = read(latest);
              Draft after = edit.apply(before);
              if (after.equals(before)) {
                return CompletableFuture.completedFuture(new Changed.AbsentAlready());
              }
              Condition unchanged =
                  latest
                      .<Condition>map(m -> new Condition.LatestIs(Id.of(hub.epoch(), m)))
                      .orElse(Condition.ABSENT);
              Append next =
                  after.edits().isEmpty()
                      ? Append.tombstone(topic)
                      : Append.of(topic, "application/json", Payload.wrap(write(after)));
              return hub.publish(next.when(unchanged))
                  .thenCompose(
                      outcome ->
                          outcome instanceof Appended.ConditionFailed && tries > 1
                              ? change(key, edit, tries - 1)
                              : CompletableFuture.completedFuture(changed(outcome)));
            });
  }

  private static Changed changed(Appended outcome) {
    if (outcome instanceof Appended.Stored stored) {
      return new Changed.Done(stored.id(), stored.timeMillis());
    }
    if (outcome instanceof Appended.TooLarge tooLarge) {
      return new Changed.TooLarge(tooLarge.maxBytes());
    }
    if (outcome instanceof Appended.ConditionFailed failed) {
      return new Changed.Conflict(failed.latest());
    }
    return new Changed.Unavailable(
        outcome instanceof Appended.Unavailable unavailable ? unavailable.reason() : "no answer");
  }

  private static byte[] write(Draft draft) {
    ObjectNode json = Answers.JSON.createObjectNode();
    ArrayNode edits = json.putArray("edits");
    for (Edit edit : draft.edits()) {
      Md5 replaces = edit.replaces();
      edits
          .addObject()
          .put("key", edit.key())
          .put("value", edit.value())
          .put("comment", edit.comment())
          .put("replaces", replaces == null ? null : replaces.toString())
          .put("author", edit.author())
          .put("at", edit.timeMillis());
    }
    return Answers.bytes(json);
  }

  private static Draft read(Optional<Message> message) {
    if (message.isEmpty() || message.get().deleted()) {
      return Draft.NONE;
    }
    try {
      List<Edit> edits = new ArrayList<>();
      for (JsonNode edit :
          Answers.JSON.readTree(message.get().payload().toByteArray()).path("edits")) {
        String replaces = text(edit.path("replaces"));
        edits.add(
            new Edit(
                edit.path("key").asText(),
                text(edit.path("value")),
                text(edit.path("comment")),
                replaces == null ? null : Md5.parse(replaces),
                edit.path("author").asText(),
                edit.path("at").asLong()));
      }
      return new Draft(edits);
    } catch (IOException e) {
      throw new UncheckedIOException("a draft is not what a server writes", e);
    }
  }

  private static @Nullable String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : null;
  }
}
