package io.posthaste.door.tcp;

import io.posthaste.access.Session;
import io.posthaste.core.Appended;
import io.posthaste.core.Id;
import io.posthaste.door.tcp.v1.Error;
import io.posthaste.door.tcp.v1.ErrorCode;
import io.posthaste.server.Guard;
import io.posthaste.server.Problem;
import io.posthaste.server.PublishRate;
import java.net.InetAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says no.
 *
 * @param code for programs
 * @param detail what is wrong and what would be right, for people
 * @param retry whether the same request may succeed later
 * @param latest the topic's latest message where a condition failed on it
 */
record Refusal(ErrorCode code, String detail, boolean retry, @Nullable Id latest) {
  private static final Refusal FAILED =
      new Refusal(
          ErrorCode.FAILED,
          "the log could not do it; its operator finds why in the log",
          true,
          null);

  /** A refusal that stands however often one asks. */
  static Refusal of(ErrorCode code, String detail) {
    return new Refusal(code, detail, false, null);
  }

  static Refusal malformed(String detail) {
    return of(ErrorCode.MALFORMED, detail);
  }

  static Refusal failed() {
    return FAILED;
  }

  /**
   * Something is not granted. Whether what it is about exists is not told.
   *
   * @param what the right and what it would be for, as in {@code read on "a/#"}
   */
  static Refusal forbidden(Session session, String what) {
    return of(Guard.forbidden(session, what));
  }

  /** As the server words it. */
  static Refusal of(Problem problem) {
    ErrorCode code =
        switch (problem.status()) {
          case 401 -> ErrorCode.UNAUTHENTICATED;
          case 403 -> ErrorCode.FORBIDDEN;
          case 429 -> ErrorCode.RATE_LIMITED;
          case 503 -> ErrorCode.UNAVAILABLE;
          default -> ErrorCode.FAILED;
        };
    return new Refusal(code, problem.detail(), problem.status() >= 429, null);
  }

  /** Why a publication was not taken; null if it was. */
  static @Nullable Refusal of(Appended outcome) {
    if (outcome instanceof Appended.ConditionFailed failed) {
      String stands = failed.latest() == null ? "there is none" : "it is " + failed.latest();
      return new Refusal(
          ErrorCode.CONDITION_FAILED,
          "the latest message is not what was asked for: " + stands,
          false,
          failed.latest());
    }
    if (outcome instanceof Appended.KeyReused) {
      return of(
          ErrorCode.KEY_REUSED,
          "the idempotency key was used for another message (expected: a new key for each)");
    }
    if (outcome instanceof Appended.TooLarge tooLarge) {
      return of(
          ErrorCode.TOO_LARGE,
          "the payload is too large (expected: at most " + tooLarge.maxBytes() + " bytes)");
    }
    if (outcome instanceof Appended.Refused refused) {
      return of(ErrorCode.REFUSED, refused.reason());
    }
    if (outcome instanceof Appended.Unavailable unavailable) {
      return new Refusal(ErrorCode.UNAVAILABLE, unavailable.reason(), true, null);
    }
    return null;
  }

  /** Why messages are not taken now; null if they are, and are counted. */
  static @Nullable Refusal ofRate(
      PublishRate rate, Session session, @Nullable InetAddress client, int messages) {
    Duration wait = rate.take(session, client, messages);
    return wait.isZero()
        ? null
        : new Refusal(
            ErrorCode.RATE_LIMITED,
            "this publisher has published as much as it may for now (expected: a retry in "
                + (wait.toMillis() + 1)
                + " ms)",
            true,
            null);
  }

  /** As it is sent. */
  Error toError() {
    Error.Builder error =
        Error.newBuilder().setCode(code).setName(word(code)).setMessage(detail).setRetry(retry);
    if (latest != null) {
      error.setLatest(latest.toString());
    }
    return error.build();
  }

  /** A code as the other doors spell it: {@code TOO_LARGE} is {@code tooLarge}. */
  static String word(ErrorCode code) {
    StringBuilder word = new StringBuilder();
    String name = code.name();
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == '_') {
        word.append(name.charAt(++i));
      } else {
        word.append(Character.toLowerCase(name.charAt(i)));
      }
    }
    return word.toString();
  }
}
