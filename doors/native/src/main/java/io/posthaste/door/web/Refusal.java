package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.core.Appended;
import io.posthaste.core.Id;
import io.posthaste.core.LogException;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.Guard;
import io.posthaste.server.Problem;
import io.posthaste.server.PublishRate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says no: a status for HTTP, a word for programs, a sentence for people.
 *
 * @param status of the HTTP answer
 * @param code stable; {@code docs/wire.md} lists them
 * @param detail what is wrong and what would be right
 * @param latest the topic's latest message where a condition failed on it
 * @param retrySeconds after how long a retry may succeed; 0 where waiting is no help
 */
record Refusal(int status, String code, String detail, @Nullable Id latest, int retrySeconds) {
  Refusal(int status, String code, String detail) {
    this(status, code, detail, null, status == 503 ? 1 : 0);
  }

  static Refusal malformed(String detail) {
    return new Refusal(400, "malformed", detail);
  }

  static Refusal reserved(String topic) {
    return new Refusal(
        403,
        "reserved",
        "topic: \"" + topic + "\" is the server's own (expected: one that does not begin with $)");
  }

  /**
   * Something is not granted. Whether what it is about exists is not told, and was not looked at.
   *
   * @param what the right and what it would be for, as in {@code read on "a/#"}
   */
  static Refusal forbidden(Session session, String what) {
    return of(Guard.forbidden(session, what));
  }

  /** Topics may not be read. */
  static Refusal unreadable(Session session, TopicPattern topics) {
    return forbidden(session, "read on \"" + topics + "\"");
  }

  /** A topic may not be published to. */
  static Refusal unpublishable(Session session, Topic topic) {
    return forbidden(session, "publish on \"" + topic + "\"");
  }

  /** Who may what is not his to say. */
  static Refusal notAdministrator(Session session) {
    return forbidden(session, "administer on \"#\"");
  }

  /** As the server words it. */
  static Refusal of(Problem problem) {
    String code = problem.code();
    return new Refusal(problem.status(), code == null ? "failed" : code, problem.detail());
  }

  static Refusal absent(String detail) {
    return new Refusal(404, "notFound", detail);
  }

  static Refusal busy(String detail) {
    return new Refusal(503, "busy", detail);
  }

  /** Messages are not taken before so long. */
  static Refusal tooFast(Duration wait) {
    return new Refusal(
        429, "rateLimited", PublishRate.refusal(wait), null, PublishRate.seconds(wait));
  }

  static Refusal tooManyPresences() {
    return busy(
        "this server has as many presences as it may (expected: a retry elsewhere or later)");
  }

  /** What should not have come about; that is for the operator to look into. */
  static Refusal failed() {
    return new Refusal(500, "failed", "the server failed at this request; its log says why");
  }

  /** The log could not be asked, or did not answer in time: it may a little later. */
  static Refusal of(LogException failure) {
    return new Refusal(
        503, "unavailable", "the log does not answer (expected: a retry): " + failure.getMessage());
  }

  static Refusal withCode(String code, String detail) {
    return new Refusal(400, code, detail);
  }

  /** Why a publication was not taken; null if it was. */
  static @Nullable Refusal of(Appended outcome) {
    if (outcome instanceof Appended.ConditionFailed failed) {
      String stands = failed.latest() == null ? "there is none" : "it is " + failed.latest();
      return new Refusal(
          412,
          "conditionFailed",
          "the latest message is not what was asked for: " + stands,
          failed.latest(),
          0);
    }
    if (outcome instanceof Appended.KeyReused) {
      return new Refusal(
          422,
          "keyReused",
          "the idempotency key was used for another message (expected: a new key for each)");
    }
    if (outcome instanceof Appended.TooLarge tooLarge) {
      return new Refusal(
          413,
          "tooLarge",
          "the payload is too large (expected: at most " + tooLarge.maxBytes() + " bytes)");
    }
    if (outcome instanceof Appended.Refused refused) {
      return new Refusal(409, "refused", refused.reason());
    }
    if (outcome instanceof Appended.Unavailable unavailable) {
      return new Refusal(503, "unavailable", unavailable.reason());
    }
    return null;
  }

  /** Why a change was not made; null if it was, or if there was nothing to change. */
  static @Nullable Refusal of(Changed outcome) {
    if (outcome instanceof Changed.Conflict conflict) {
      String stands = conflict.latest() == null ? "there is none" : "it is " + conflict.latest();
      return new Refusal(
          412,
          "conditionFailed",
          "it is not what was asked for by now: " + stands,
          conflict.latest(),
          0);
    }
    if (outcome instanceof Changed.Refused refused) {
      return new Refusal(409, "refused", refused.reason());
    }
    if (outcome instanceof Changed.TooLarge tooLarge) {
      return new Refusal(
          413,
          "tooLarge",
          "the content is too large (expected: at most " + tooLarge.maxBytes() + " bytes)");
    }
    if (outcome instanceof Changed.Unavailable unavailable) {
      return new Refusal(503, "unavailable", unavailable.reason());
    }
    return null;
  }
}
