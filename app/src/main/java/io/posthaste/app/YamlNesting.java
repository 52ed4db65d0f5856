package io.posthaste.app;

import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;

/**
 * How deep lists and maps stand in each other in YAML: what is too deep would take the stack of
 * whoever reads it, so it is looked at before.
 */
final class YamlNesting {
  /** More than anybody writes by hand, and less than any stack takes. */
  private static final int DEEPEST = 100;

  private YamlNesting() {}

  /**
   * Whether a text is nested deeper than it should be.
   *
   * @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if it is no YAML
   */
  static boolean isTooDeep(LoadSettings settings, String yaml) {
    int depth = 0;
    for (Event event : new Parse(settings).parseString(yaml)) {
      if (event instanceof CollectionStartEvent && ++depth > DEEPEST) {
        return true;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
    return false;
  }
}
