package io.posthaste.door.apollo;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What Apollo clients say: read or refused. The first byte of an input says what the rest is:
 * {@code n} what a poll follows; {@code c} the name of a namespace; else edits of one, put onto its
 * text.
 */
public final class ApolloTarget {
  private ApolloTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String text = new String(input, 1, input.length - 1, UTF_8);
    try {
      switch (input[0]) {
        case 'n' -> followed(text);
        case 'c' -> name(text);
        default -> edits(text.split("\u0001", -1));
      }
    } catch (MalformedException e) {
      String why = String.valueOf(e.getMessage());
      boolean isLine = !why.isBlank() && why.chars().noneMatch(c -> c < ' ');
      require(isLine && why.length() < 3_000, "refusal: " + why);
    }
  }

  private static void followed(String json) {
    List<Notification> all = Notification.parse(json);
    require(!all.isEmpty() && all.size() <= Notification.MAX, all.size() + " entries");
    for (Notification one : all) {
      require(!one.namespace().isBlank(), "no name");
      ConfigKey key = Asked.key("app", "default", NamespaceName.of(one.namespace()));
      String detail = Notification.detail(key, one.namespace());
      require(detail.split("\\+", -1).length == 3, detail);
    }
  }

  /** A config is found by the name that is shown of it. */
  private static void name(String asked) {
    NamespaceName name = NamespaceName.of(asked);
    require(NamespaceName.of(name.config()).config().equals(name.config()), asked);
    NamespaceName.ofConfig(name.config())
        .ifPresent(
            shown ->
                require(NamespaceName.of(shown.asked()).config().equals(name.config()), asked));
  }

  /** A name, a text, and then keys and values; an empty value removes. */
  private static void edits(String[] parts) {
    if (parts.length < 2) {
      return;
    }
    NamespaceName name = NamespaceName.of(parts[0]);
    Items released = Items.of(name, parts[1].isEmpty() ? null : parts[1]);
    Draft draft = Draft.NONE;
    for (int i = 2; i + 1 < parts.length; i += 2) {
      String key = name.isProperties() ? parts[i] : NamespaceName.CONTENT;
      String value = parts[i + 1].isEmpty() ? null : parts[i + 1];
      draft = draft.with(new Edit(key, value, null, Edit.digest(released.value(key)), "ann", 1));
    }
    require(draft.clashes(released).isEmpty(), "clashes with what it was made of");
    Items edited = draft.onto(released);
    Items read = Items.of(name, edited.text().isEmpty() ? null : edited.text());
    for (Edit edit : draft.edits()) {
      require(edited.has(edit) && read.has(edit), edit + " is not in " + read.all());
    }
    List<String> untouched = new ArrayList<>();
    released.all().forEach(item -> untouched.add(item.key()));
    draft.edits().forEach(edit -> untouched.remove(edit.key()));
    for (String key : untouched) {
      require(
          Map.entry(key, String.valueOf(released.value(key)))
              .equals(Map.entry(key, String.valueOf(read.value(key)))),
          key);
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
