package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Something that a client is told of, again and again until it says that it has heard it. */
interface Notice {
  /** The type of the message. */
  String type();

  /** What to say of it now, but for the request's id; null if there is nothing to say any more. */
  @Nullable ObjectNode json();

  /**
   * The client has heard what was said last.
   *
   * @return whether that is all; else it is told again, less and less often, until it is forgotten
   *     or there is nothing to say of it any more
   */
  boolean onAcknowledged();
}
