package io.posthaste.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.core.Condition;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import java.util.regex.Pattern;

/**
 * What a message to publish may have beside its topic and payload, whatever door it comes through:
 * any door must be able to give it to its readers.
 */
public final class MessageRules {
  /** How many headers a message may have. */
  public static final int MAX_HEADERS = 64;

  private static final int MAX_TYPE_CHARS = 256;
  private static final int MAX_HEADER_CHARS = 4_096;
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

  private MessageRules() {}

  /**
   * Refuses a Content-Type that no HTTP header could hold; what it means is not judged, and it may
   * be empty.
   *
   * @throws MalformedException if it is too long or not visible ASCII
   */
  public static void checkType(String type) {
    boolean good = type.length() <= MAX_TYPE_CHARS;
    for (int i = 0; good && i < type.length(); i++) {
      good = type.charAt(i) >= ' ' && type.charAt(i) < 0x7f;
    }
    if (!good) {
      throw new MalformedException(
          "type: not a Content-Type (expected: at most " + MAX_TYPE_CHARS + " of visible ASCII)");
    }
  }

  /**
   * Refuses a header whose name is no token (RFC 9110, section 5.6.2), or whose value has control
   * characters or halves of surrogate pairs.
   *
   * @throws MalformedException if it is so, or either is too long
   */
  public static void checkHeader(String name, String value) {
    boolean good = HEADER_NAME.matcher(name).matches() && value.length() <= MAX_HEADER_CHARS;
    for (int i = 0; good && i < value.length(); i++) {
      good = value.charAt(i) >= ' ' && value.charAt(i) != 0x7f;
    }
    if (!good || !new String(value.getBytes(UTF_8), UTF_8).equals(value)) {
      throw new MalformedException(
          "headers: not a name of letters, digits and -_. or a value with control characters"
              + " (expected: at most 128 and 4,096 characters)");
    }
  }

  /**
   * What must hold for a publication: {@code ID}, that is the latest; {@code *}, there is one;
   * {@code none}, there is none.
   *
   * @throws MalformedException if it is none of them
   */
  public static Condition condition(String match) {
    return switch (match) {
      case "*" -> Condition.PRESENT;
      case "none" -> Condition.ABSENT;
      default -> new Condition.LatestIs(Id.parse(match));
    };
  }
}
