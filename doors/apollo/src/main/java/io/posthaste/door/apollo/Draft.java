package io.posthaste.door.apollo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  /** How much is said in it. */
  long bytes() {
    return edits.stream().mapToLong(Edit::bytes).sum();
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

  /** The same without the edits of these items. */
  Draft without(Set<String> keys) {
    return new Draft(edits.stream().filter(edit -> !keys.contains(edit.key())).toList());
  }

  /** The same without these very edits. */
  Draft without(List<Edit> released) {
    Set<Edit> gone = new HashSet<>(released);
    return new Draft(edits.stream().filter(edit -> !gone.contains(edit)).toList());
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
    Map<String, String> values = new HashMap<>();
    items.all().forEach(item -> values.put(item.key(), item.value()));
    List<Clash> clashes = new ArrayList<>();
    for (Edit edit : edits) {
      String now = values.get(edit.key());
      if (!Objects.equals(now, edit.value())
          && !Objects.equals(Edit.digest(now), edit.replaces())) {
        clashes.add(new Clash(edit, now));
      }
    }
    return clashes;
  }
}
