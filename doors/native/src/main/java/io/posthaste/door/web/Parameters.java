package io.posthaste.door.web;

import io.posthaste.core.MalformedException;
import io.posthaste.server.Request;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A query's parameters, none of them unknown. */
final class Parameters {
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,9})(?:\\.(\\d{1,3})\\d{0,6})?");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Pattern PREFERRED =
      Pattern.compile("(?:^|[,;]\\s*)wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(?=$|[,;])");

  private final Map<String, List<String>> query;

  private Parameters(Map<String, List<String>> query) {
    this.query = query;
  }

  /**
   * The parameters of a request.
   *
   * @throws MalformedException if one is not among the known
   */
  static Parameters of(Request request, Set<String> known) {
    for (String name : request.query().keySet()) {
      if (!known.contains(name)) {
        throw new MalformedException(
            "parameter: "
                + MalformedException.quote(name)
                + " is not known here (expected: "
                + (known.isEmpty() ? "none" : String.join(", ", known.stream().sorted().toList()))
                + ")");
      }
    }
    return new Parameters(request.query());
  }

  /** Whether the parameter is there, with a value or without. */
  boolean has(String name) {
    return query.containsKey(name);
  }

  /** All values of a parameter that may be repeated. */
  List<String> all(String name) {
    return query.getOrDefault(name, List.of());
  }

  /** The value of a parameter; null if it is absent. */
  @Nullable String one(String name) {
    List<String> values = query.get(name);
    if (values == null || values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw new MalformedException(name + ": given " + values.size() + " times (expected: once)");
    }
    return values.get(0);
  }

  /** A whole number; {@code otherwise} if it is absent. */
  int number(String name, int otherwise) {
    String text = one(name);
    if (text == null) {
      return otherwise;
    }
    if (!NUMBER.matcher(text).matches()) {
      throw new MalformedException(
          name + ": " + MalformedException.quote(text) + " (expected: a whole number)");
    }
    return Integer.parseInt(text);
  }

  /**
   * How long the client would wait, in milliseconds: by {@code wait=} in seconds, else by {@code
   * Prefer: wait=} (RFC 7240), which is ignored where it makes no sense; 0 if neither is there.
   */
  long waitMillis(Request request) {
    String text = one("wait");
    if (text == null) {
      Matcher preferred = PREFERRED.matcher(String.join(",", request.headers("prefer")));
      return preferred.find() ? Long.parseLong(preferred.group(1)) * 1_000 : 0;
    }
    Matcher seconds = SECONDS.matcher(text);
    if (!seconds.matches()) {
      throw new MalformedException(
          "wait: " + MalformedException.quote(text) + " (expected: seconds, as in wait=30)");
    }
    String fraction = seconds.group(2);
    long millis = fraction == null ? 0 : Long.parseLong((fraction + "00").substring(0, 3));
    return Long.parseLong(seconds.group(1)) * 1_000 + millis;
  }
}
