package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.PropertiesText.Item;
import io.posthaste.core.Payload;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A namespace as its editors see it: what is released, and the draft over it.
 *
 * @param name as they spell it
 * @param latest the released version; null if there is none
 * @param draft what is not released yet
 */
record Workspace(NamespaceName name, @Nullable ConfigVersion latest, Draft draft) {

  /** Reads one. */
  static CompletionStage<Workspace> of(
      Configs configs, Drafts drafts, ConfigKey key, NamespaceName name) {
    return configs
        .get(key)
        .thenCombine(
            drafts.get(key), (latest, draft) -> new Workspace(name, latest.orElse(null), draft));
  }

  /** What is released. */
  Items released() {
    return Items.of(
        name,
        Optional.ofNullable(latest).map(ConfigVersion::content).map(Payload::utf8).orElse(null));
  }

  /** What there would be if the draft were released. */
  Items edited() {
    return draft.onto(released());
  }

  /** An item as the open API writes it. */
  ObjectNode json(Item item) {
    Optional<Edit> edit = draft.find(item.key());
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
