package io.posthaste.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The server understood the request, and refuses it. The message says what would be right. */
public final class RefusedException extends PosthasteException {
  private static final long serialVersionUID = 1;

  private final String code;
  private final @Nullable String latest;

  RefusedException(String code, String detail, @Nullable String latest) {
    super(detail + " [" + code + "]");
    this.code = code;
    this.latest = latest;
  }

  /**
   * Why, as a word that does not change: {@code malformed}, {@code reserved}, {@code
   * conditionFailed}, {@code keyReused}, {@code tooLarge} …; {@code http-NNN} where somebody else
   * than Posthaste answered.
   */
  public String code() {
    return code;
  }

  /** With {@code conditionFailed}: the id of the topic's latest message, if there is one. */
  public Optional<String> latest() {
    return Optional.ofNullable(latest);
  }
}
