package io.posthaste.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of one message of a batch: published, or refused. Immutable. */
public final class Outcome {
  private final @Nullable Published published;
  private final @Nullable RefusedException refusal;

  private Outcome(@Nullable Published published, @Nullable RefusedException refusal) {
    this.published = published;
    this.refusal = refusal;
  }

  static Outcome of(Published published) {
    return new Outcome(published, null);
  }

  static Outcome of(RefusedException refusal) {
    return new Outcome(null, refusal);
  }

  /** Where the message is; empty if it was refused. */
  public Optional<Published> published() {
    return Optional.ofNullable(published);
  }

  /** Why it was refused; empty if it was not. */
  public Optional<RefusedException> refusal() {
    return Optional.ofNullable(refusal);
  }

  /**
   * Where the message is.
   *
   * @throws RefusedException if it was refused
   */
  public Published get() {
    if (published != null) {
      return published;
    }
    throw refusal != null ? refusal : new IllegalStateException("neither published nor refused");
  }

  @Override
  public String toString() {
    return String.valueOf(published != null ? published : refusal);
  }
}
