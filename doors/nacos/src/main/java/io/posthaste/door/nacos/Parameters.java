package io.posthaste.door.nacos;

import io.posthaste.config.ConfigKey;
import io.posthaste.core.MalformedException;
import io.posthaste.server.PercentCoding;
import io.posthaste.server.Request;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks, in its query, its form, or split over both. Clients end their forms with an
 * ampersand, and send parameters that we have no use for.
 */
final class Parameters {
  private static final String FORM = "application/x-www-form-urlencoded";

  private final Map<String, List<String>> values;

  private Parameters(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * @throws MalformedException if the form is none
   */
  static Parameters of(Request request) {
    if (!request.body().isReadable()) {
      return new Parameters(request.query());
    }
    String type = request.header("content-type");
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
      throw new MalformedException("body: of another type (expected: Content-Type: " + FORM + ")");
    }
    String form = request.body().toString(StandardCharsets.ISO_8859_1);
    Map<String, List<String>> merged = new LinkedHashMap<>(PercentCoding.decodeQuery(form));
    merged.putAll(request.query());
    return new Parameters(merged);
  }

  /** Those of the query, whatever the body is. */
  static Parameters beside(Request request) {
    String type = request.header("content-type");
    boolean isForm = type != null && type.toLowerCase(Locale.ROOT).startsWith(FORM);
    return isForm ? of(request) : new Parameters(request.query());
  }

  /** The value of a parameter, the first where there are several; null if there is none. */
  @Nullable String find(String name) {
    List<String> all = values.get(name);
    return all == null ? null : all.get(0);
  }

  /** The value of a parameter; empty if there is none. */
  String text(String name) {
    String value = find(name);
    return value == null ? "" : value;
  }

  /**
   * The value of a parameter that must be there.
   *
   * @throws MalformedException if it is not, or is empty
   */
  String required(String name) {
    String value = text(name);
    if (value.isEmpty()) {
      throw new MalformedException(name + ": missing (expected: it in the query or the form)");
    }
    return value;
  }

  /**
   * The value of a parameter no longer than that.
   *
   * @throws MalformedException if it is
   */
  String text(String name, int maxChars) {
    String value = text(name);
    if (value.length() > maxChars) {
      throw new MalformedException(
          name + ": " + value.length() + " characters (expected: at most " + maxChars + ")");
    }
    return value;
  }

  /**
   * A number.
   *
   * @throws MalformedException if it is none, or not within these
   */
  int number(String name, int fallback, int least, int most) {
    String value = text(name);
    try {
      int number = value.isEmpty() ? fallback : Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw notANumber(name, value, least, most);
    }
    throw notANumber(name, value, least, most);
  }

  private static MalformedException notANumber(String name, String value, int least, int most) {
    return new MalformedException(
        name
            + ": "
            + MalformedException.quote(value)
            + " (expected: a number of "
            + least
            + " to "
            + most
            + ")");
  }

  /**
   * Which config is meant.
   *
   * @throws MalformedException if none is, or by an illegal name
   */
  ConfigKey key() {
    return new ConfigKey(text("tenant"), required("group"), required("dataId"));
  }

  /**
   * The same where the namespace is {@code namespaceId}, as in v2 and v3.
   *
   * @param group what the group is called there
   */
  ConfigKey key(String group) {
    return new ConfigKey(text("namespaceId"), required(group), required("dataId"));
  }

  /** The value of the first of two parameters that has one; empty if none has. */
  String either(String one, String other) {
    return text(one).isEmpty() ? text(other) : text(one);
  }
}
