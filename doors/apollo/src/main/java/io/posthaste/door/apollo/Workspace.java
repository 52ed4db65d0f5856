package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.PropertiesText.Item;
import io.posthaste.core.Payload;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A namespace as its editors see it: what is released, and the draft over it. Those of a branch see
 * of what is released only what is other in the branch.
 *
 * @param key of the config, or of its branch
 * @param name as they spell it
 * @param latest the released version; null if there is none
 * @param draft what is not released yet
 * @param edited what its editors see
 * @param edits those of the draft, by the keys of their items
 */
record Workspace(
    ConfigKey key,
    NamespaceName name,
    @Nullable ConfigVersion latest,
    Draft draft,
    Items edited,
    Map<String, Edit> edits) {

  /** Reads one. To put a draft onto a text takes long if both are, so no event loop does it. */
  static CompletionStage<Workspace> of(
      Configs configs, Drafts drafts, ConfigKey key, NamespaceName name) {
    return configs
        .get(Branch.config(key))
        .thenCombineAsync(
            drafts.get(key),
            (latest, draft) -> new Workspace(key, name, latest.orElse(null), draft));
  }

  private Workspace(
      ConfigKey key, NamespaceName name, @Nullable ConfigVersion latest, Draft draft) {
    this(
        key,
        name,
        latest,
        draft,
        draft.onto(Branch.isOne(key) ? Items.of(name, null) : released(name, latest)),
        byKey(draft));
  }

  /** One of which nothing is released, and nothing edited. */
  static Workspace empty(ConfigKey key, NamespaceName name) {
    return new Workspace(key, name, null, Draft.NONE);
  }

  private static Map<String, Edit> byKey(Draft draft) {
    Map<String, Edit> edits = new HashMap<>();
    draft.edits().forEach(edit -> edits.put(edit.key(), edit));
    return edits;
  }

  private static Items released(NamespaceName name, @Nullable ConfigVersion latest) {
    return Items.of(
        name,
        Optional.ofNullable(latest).map(ConfigVersion::content).map(Payload::utf8).orElse(null));
  }

  /** What is released. */
  Items released() {
    return released(name, latest);
  }

  /** What there would be if the draft were released. */
  String text() {
    return (Branch.isOne(key) ? draft.onto(released()) : edited).text();
  }

  /** A draft with an edit; without one of that item if it would change nothing. */
  Draft with(Draft some, Edit edit) {
    boolean isNone = Branch.isOne(key) ? edit.value() == null : released().has(edit);
    return isNone ? some.without(edit.key()) : some.with(edit);
  }

  /** How much is read of it. */
  long bytes() {
    return (latest == null ? 0 : latest.content().length()) + draft.bytes();
  }

  /** An item as the open API writes it. */
  ObjectNode json(Item item) {
    Optional<Edit> edit = Optional.ofNullable(edits.get(item.key()));
    String author =
        edit.map(Edit::author).orElse(latest == null ? "" : latest.attributes().author());
    long millis = edit.map(Edit::timeMillis).orElse(latest == null ? 0 : latest.timeMillis());
    return Answers.JSON
        .createObjectNode()
        .put("key", item.key())
        .put("type", 0)
        .put("value", item.value())
        .put("comment", item.comment())
        .put("dataChangeCreatedBy", author)
        .put("dataChangeLastModifiedBy", author)
        .put("dataChangeCreatedTime", Dates.of(millis))
        .put("dataChangeLastModifiedTime", Dates.of(millis));
  }
}
