package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has a say in what a {@link Hub} publishes before it comes to the log, where a policy, which knows
 * one message only, cannot: how many topics of a kind there may be, and how large they may be
 * together. What goes into the log by another way, such as a copy, it is not asked of.
 *
 * <p>Thread-safe; called by those who publish, who must not be blocked.
 */
public interface Admission {
  /** Whether it has a say in what is published to a topic. Asked of every message, so be quick. */
  boolean concerns(Topic topic);

  /** Whether a message may be appended. Asked in the order of a batch, of each message once. */
  Verdict of(Append append);

  /** What it says. */
  sealed interface Verdict {}

  /**
   * It may.
   *
   * @param ended hears what became of it, or null if the log failed; on a thread of the log's
   */
  record Admitted(Consumer<@Nullable Appended> ended) implements Verdict {
    /** Whatever becomes of it. */
    public static final Admitted FREELY = new Admitted(outcome -> {});

    public Admitted {
      requireNonNull(ended, "ended");
    }
  }

  /**
   * It may not.
   *
   * @param reason what stands against it, and what would be right, in one line for people
   */
  record Refused(String reason) implements Verdict {
    public Refused {
      requireNonNull(reason, "reason");
    }
  }
}
