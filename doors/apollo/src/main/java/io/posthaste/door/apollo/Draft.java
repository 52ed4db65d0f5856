package io.posthaste.door.apollo;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is not released yet of a namespace: edits, at most one of each item, in the order in which
 * they were first made. Immutable.
 */
record Draft(List<Edit> edits) {
  static final Draft NONE = new Draft(List.of());

  Draft {
    edits = List.copyOf(edits);
  }

  /**
   * An item that somebody else has changed since the edit was made.
   *
   * @param edit what was to be done
   * @param now its value by now; null if it is gone
   */
  record Clash(Edit edit, @Nullable String now) {}

  Optional<Edit> find(String key) {
    return edits.stream().filter(edit -> edit.key().equals(key)).findFirst();
  }

  /** The same with an edit, in the place of the item's older one. */
  Draft with(Edit edit) {
    List<Edit> changed = new ArrayList<>(edits);
    int at = 0;
    while (at < changed.size() && !changed.get(at).key().equals(edit.key())) {
      at++;
    }
    if (at < changed.size()) {
      changed.set(at, edit);
    } else {
      changed.add(edit);
    }
    return new Draft(changed);
  }

  /** The same without an item's edit. */
  Draft without(String key) {
    return new Draft(edits.stream().filter(edit -> !edit.key().equals(key)).toList());
  }

  /** The same without these very edits. */
  Draft without(List<Edit> released) {
    return new Draft(edits.stream().filter(edit -> !released.contains(edit)).toList());
  }

  /** Items as they would be, whatever they are by now. */
  Items onto(Items items) {
    Items changed = items;
    for (Edit edit : edits) {
      changed = changed.with(edit);
    }
    return changed;
  }

  /** The edits whose items are by now neither what they replace nor what they make of them. */
  List<Clash> clashes(Items items) {
    List<Clash> clashes = new ArrayList<>();
    for (Edit edit : edits) {
      String now = items.value(edit.key());
      if (!Objects.equals(now, edit.value())
          && !Objects.equals(Edit.digest(now), edit.replaces())) {
        clashes.add(new Clash(edit, now));
      }
    }
    return clashes;
  }
}
