package io.posthaste.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an answer that is no success means. */
final class Refusals {
  /** Refusals that may be none a moment later, and so are the business of retries. */
  private static final Set<String> PASSING =
      Set.of("unavailable", "busy", "failed", "rateLimited", "throttled");

  /** Who asks is not known, or no longer: his token has ended, and a new one may hold. */
  static final String UNAUTHENTICATED = "unauthenticated";

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private Refusals() {}

  /** An answer that says that the server cannot, or that somebody on the way will not. */
  static final class UnfitException extends IOException {
    private static final long serialVersionUID = 1;

    final int status;
    final @Nullable Duration pause;

    UnfitException(String message, int status, @Nullable Duration pause) {
      super(message);
      this.status = status;
      this.pause = pause;
    }

    /** Whether the same request may well succeed later, or on another node. */
    boolean isPassing() {
      return status >= 500 || status == 408 || status == 425 || status == 429;
    }
  }

  /**
   * Throws what the answer means.
   *
   * @throws RefusedException if a Posthaste server refuses for good
   * @throws UnfitException if it refuses for now, or if somebody else answered
   */
  static RefusedException refuse(Http.Answer answer) throws UnfitException {
    JsonObject problem = problem(answer);
    String code = problem == null ? null : problem.text("code");
    String status = "HTTP status " + answer.status;
    String detail = problem == null ? status : problem.text("detail", status);
    if (code != null && !PASSING.contains(code)) {
      return new RefusedException(code, detail, latest(answer));
    }
    throw new UnfitException(detail, answer.status, pause(answer).orElse(null));
  }

  /** What a refusal within a stream, a WebSocket's or a batch's, means. */
  static RefusedException refuse(String code, String detail, @Nullable String latest)
      throws UnfitException {
    if (PASSING.contains(code)) {
      throw new UnfitException(detail, 503, null);
    }
    return new RefusedException(code, detail, latest);
  }

  /** For a final answer that is not known to be Posthaste's. */
  static RefusedException stranger(UnfitException unfit) {
    return new RefusedException("http-" + unfit.status, String.valueOf(unfit.getMessage()), null);
  }

  private static @Nullable JsonObject problem(Http.Answer answer) {
    boolean isProblem =
        answer
            .headers
            .firstValue("Content-Type")
            .filter(type -> type.startsWith("application/problem+json"))
            .isPresent();
    try {
      return isProblem ? JsonObject.parse(answer.body) : null;
    } catch (IOException e) {
      return null; // then it is the status that counts
    }
  }

  private static @Nullable String latest(Http.Answer answer) {
    return answer.status == 412
        ? answer.headers.firstValue("ETag").map(Refusals::id).orElse(null)
        : null;
  }

  /** What stands in an entity tag (RFC 9110, section 8.8.3); proxies that compress make it weak. */
  static String id(String tag) {
    String opaque = tag.startsWith("W/") ? tag.substring(2) : tag;
    boolean quoted = opaque.length() > 1 && opaque.startsWith("\"") && opaque.endsWith("\"");
    return quoted ? opaque.substring(1, opaque.length() - 1) : opaque;
  }

  private static Optional<Duration> pause(Http.Answer answer) {
    return answer
        .headers
        .firstValue("Retry-After")
        .filter(text -> text.matches("[0-9]{1,6}"))
        .map(text -> atMost(Duration.ofSeconds(Long.parseLong(text))));
  }

  /** A pause that a server asks for, but no longer than makes sense. */
  static Duration atMost(Duration asked) {
    return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
  }
}
