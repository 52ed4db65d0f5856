package io.posthaste.door.web;

import io.posthaste.config.Expected;
import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditional requests (RFC 9110, 13), as far as they have a meaning here. */
final class Conditions {
  private Conditions() {}

  /** What must hold for a publication: {@code If-Match: "ID"} or {@code If-None-Match: *}. */
  static Condition forWriting(Request request) {
    String match = joined(request, "if-match");
    String noneMatch = joined(request, "if-none-match");
    if (match != null && noneMatch != null) {
      throw new MalformedException(
          "If-Match and If-None-Match contradict each other (expected: one of them)");
    }
    if (noneMatch != null) {
      if (!noneMatch.equals("*")) {
        throw new MalformedException(
            "If-None-Match: for publishing it can only be * (expected: *, or If-Match: \"ID\")");
      }
      return Condition.ABSENT;
    }
    if (match == null) {
      return Condition.ANY;
    }
    return match.equals("*") ? Condition.PRESENT : new Condition.LatestIs(id(match));
  }

  /**
   * What must hold for a change of what is not a topic by itself: as for a publication, but not *.
   */
  static Expected expected(Request request) {
    Condition condition = forWriting(request);
    if (condition.equals(Condition.PRESENT)) {
      throw new MalformedException(
          "If-Match: * has no meaning here (expected: If-Match: \"ID\", or none)");
    }
    if (condition instanceof Condition.LatestIs latest) {
      return new Expected.Version(latest.id());
    }
    return condition.equals(Condition.ABSENT) ? Expected.ABSENT : Expected.ANYTHING;
  }

  private static Id id(String tag) {
    if (tag.length() < 2 || !tag.startsWith("\"") || tag.indexOf('"', 1) != tag.length() - 1) {
      throw new MalformedException("If-Match: not one entity tag (expected: \"ID\", in quotes)");
    }
    return Id.parse(tag.substring(1, tag.length() - 1));
  }

  /** The entity tags that a reader knows, as they were sent; null if it names none. */
  static @Nullable String known(Request request) {
    return joined(request, "if-none-match");
  }

  /** Whether the reader knows that message; compared weakly, as the standard wants it here. */
  static boolean isKnown(String known, Id id) {
    return known.equals("*") || known.contains(Answers.etag(id));
  }

  private static @Nullable String joined(Request request, String name) {
    List<String> values = request.headers(name);
    return values.isEmpty() ? null : String.join(",", values).trim();
  }
}
