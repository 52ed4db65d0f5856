package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Locale;

/**
 * What is kept of a topic, where, and how large a message may be.
 *
 * @param count how many messages are kept, at least 1
 * @param age for how long a message is kept; {@link #FOREVER} for no limit
 * @param bytes how many bytes of payload are kept; the newest message is kept whatever its size
 * @param maxMessageBytes how large a payload may be
 * @param memory whether the topic lives in a ring in memory, lost when its node stops
 * @param mirrored whether every node holds the latest of each topic at hand
 */
public record Policy(
    long count, Duration age, long bytes, int maxMessageBytes, boolean memory, boolean mirrored) {
  /** As {@link #age}: no limit. */
  public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  /** 1,000 messages, 7 days, no limit of bytes a topic, 1 MiB a message, durable. */
  public static final Policy DEFAULT =
      new Policy(1_000, Duration.ofDays(7), Long.MAX_VALUE, 1 << 20, false, false);

  private static final int LARGEST_MESSAGE_BYTES = 64 << 20;

  public Policy {
    requireNonNull(age, "age");
    require(count >= 1, "count", count, "1 or more");
    require(bytes >= 1, "bytes", bytes, "1 or more");
    require(!age.isNegative() && !age.isZero(), "age", age, "above 0");
    require(
        maxMessageBytes >= 1 && maxMessageBytes <= LARGEST_MESSAGE_BYTES,
        "max",
        maxMessageBytes,
        "1 byte to 64 MiB");
  }

  private static void require(boolean good, String name, Object value, String expected) {
    if (!good) {
      throw new MalformedException(
          "policy: " + name + " " + value + " (expected: " + expected + ")");
    }
  }

  /**
   * Reads the settings of a {@code --keep} option, {@code count:100,age:7d,bytes:1g,max:4m,memory}:
   * each may be left out and then is as in {@link #DEFAULT}.
   *
   * @throws MalformedException if a setting is unknown or its value is not legal
   */
  public static Policy parse(String text) {
    Policy policy = DEFAULT;
    for (String setting : text.split(",", -1)) {
      int colon = setting.indexOf(':');
      String name = (colon < 0 ? setting : setting.substring(0, colon)).trim();
      String value = colon < 0 ? "" : setting.substring(colon + 1).trim();
      policy = policy.with(name, value, setting);
    }
    return policy;
  }

  private Policy with(String name, String value, String setting) {
    try {
      return switch (name) {
        case "count" ->
            new Policy(Long.parseLong(value), age, bytes, maxMessageBytes, memory, mirrored);
        case "age" -> new Policy(count, duration(value), bytes, maxMessageBytes, memory, mirrored);
        case "bytes" -> new Policy(count, age, bytes(value), maxMessageBytes, memory, mirrored);
        case "max" ->
            new Policy(count, age, bytes, Math.toIntExact(bytes(value)), memory, mirrored);
        case "memory" -> new Policy(count, age, bytes, maxMessageBytes, flag(value), mirrored);
        case "mirrored" -> new Policy(count, age, bytes, maxMessageBytes, memory, flag(value));
        default -> throw new NumberFormatException(name);
      };
    } catch (NumberFormatException | ArithmeticException e) {
      throw new MalformedException(
          "policy: "
              + MalformedException.quote(setting)
              + " (expected: count:100, age:7d, bytes:1g, max:4m, memory or mirrored, split by commas;"
              + " ages in s, m, h, d or forever; sizes in k, m, g)");
    }
  }

  private static boolean flag(String value) {
    if (!value.isEmpty() && !value.equals("true") && !value.equals("false")) {
      throw new NumberFormatException(value);
    }
    return !value.equals("false");
  }

  private static Duration duration(String value) {
    if (value.equals("forever")) {
      return FOREVER;
    }
    long number = Long.parseLong(value.substring(0, Math.max(value.length() - 1, 0)));
    return switch (value.charAt(value.length() - 1)) {
      case 's' -> Duration.ofSeconds(number);
      case 'm' -> Duration.ofMinutes(number);
      case 'h' -> Duration.ofHours(number);
      case 'd' -> Duration.ofDays(number);
      default -> throw new NumberFormatException(value);
    };
  }

  /**
   * Reads a size: a number of bytes, or of KiB, MiB, GiB or TiB with {@code k}, {@code m}, {@code
   * g} or {@code t} behind it.
   *
   * @throws NumberFormatException if the text is no size
   * @throws ArithmeticException if the size does not fit 63 bits
   */
  public static long bytes(String value) {
    int unit =
        value.isEmpty()
            ? -1
            : "kmgt".indexOf(value.toLowerCase(Locale.ROOT).charAt(value.length() - 1));
    if (unit < 0) {
      return Long.parseLong(value);
    }
    long number = Long.parseLong(value.substring(0, value.length() - 1));
    return Math.multiplyExact(number, 1L << 10 * (unit + 1));
  }
}
