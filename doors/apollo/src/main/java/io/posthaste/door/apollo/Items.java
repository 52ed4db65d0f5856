package io.posthaste.door.apollo;

import io.posthaste.config.PropertiesText;
import io.posthaste.config.PropertiesText.Item;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A namespace's text as items, of which single ones can be changed. A namespace that is no
 * properties has one, its whole text. Immutable.
 */
sealed interface Items {
  /** Of a text; null if there is none. */
  static Items of(NamespaceName name, @Nullable String text) {
    return name.isProperties()
        ? new Keys(PropertiesText.parse(text == null ? "" : text))
        : new Whole(text);
  }

  List<Item> all();

  Optional<Item> find(String key);

  Items with(String key, String value, @Nullable String comment);

  Items without(String key);

  String text();

  /** The value of an item; null if it is not there. */
  default @Nullable String value(String key) {
    return find(key).map(Item::value).orElse(null);
  }

  /** The same with an edit, whatever the item is by now. */
  default Items with(Edit edit) {
    String value = edit.value();
    return value == null ? without(edit.key()) : with(edit.key(), value, edit.comment());
  }

  /** Whether an edit would change nothing. */
  default boolean has(Edit edit) {
    Optional<Item> item = find(edit.key());
    return Objects.equals(item.map(Item::value).orElse(null), edit.value())
        && (edit.comment() == null
            || item.isEmpty()
            || item.get().comment().equals(edit.comment()));
  }

  /** Of properties. */
  record Keys(PropertiesText properties) implements Items {
    @Override
    public List<Item> all() {
      return properties.items();
    }

    @Override
    public Optional<Item> find(String key) {
      return properties.item(key);
    }

    @Override
    public Items with(String key, String value, @Nullable String comment) {
      return new Keys(properties.with(key, value, comment));
    }

    @Override
    public Items without(String key) {
      return new Keys(properties.without(key));
    }

    @Override
    public String text() {
      return properties.text();
    }
  }

  /**
   * Of anything else.
   *
   * @param content the text; null if there is none
   */
  record Whole(@Nullable String content) implements Items {
    @Override
    public List<Item> all() {
      return content == null ? List.of() : List.of(new Item(NamespaceName.CONTENT, content, ""));
    }

    @Override
    public Optional<Item> find(String key) {
      return all().stream().filter(item -> item.key().equals(key)).findFirst();
    }

    @Override
    public Items with(String key, String value, @Nullable String comment) {
      return new Whole(value);
    }

    @Override
    public Items without(String key) {
      return new Whole(null);
    }

    @Override
    public String text() {
      return content == null ? "" : content;
    }
  }
}
