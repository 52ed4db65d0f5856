package io.posthaste.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.core.MalformedException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which instances see a gray version: so many of those that are like one of these.
 *
 * @param priority of several rules that take an instance the one with the highest has it, 0 to
 *     1,000; among equals the one whose name is first
 * @param share how many of those that match, in hundredths of a percent, 0 to 10,000. Who belongs
 *     to a share belongs to every greater one
 * @param anyOf what an instance must be like; if it is empty, all match
 */
public record GrayRule(int priority, int share, List<GrayMatch> anyOf) {
  /** As {@link #share}: all. */
  public static final int ALL = 10_000;

  /** The highest priority. */
  public static final int MAX_PRIORITY = 1_000;

  /** The priority of a rule that names none. */
  public static final int DEFAULT_PRIORITY = 100;

  /** The longest rule, as it is stored, in characters. */
  private static final int MAX_CHARS = 16_384;

  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /**
   * @throws MalformedException if a number is out of its range, a match asks nothing, or all
   *     together is too long
   */
  public GrayRule {
    check("priority", priority, MAX_PRIORITY);
    check("share", share, ALL);
    anyOf = List.copyOf(anyOf);
    if (anyOf.stream().anyMatch(GrayMatch::asksNothing)) {
      throw new MalformedException(
          "rule: a match that asks nothing (expected: an address, an application or a label)");
    }
    int chars = text(priority, share, anyOf).length();
    if (chars > MAX_CHARS) {
      throw new MalformedException(
          "rule: too long, " + chars + " characters (expected: at most " + MAX_CHARS + ")");
    }
  }

  private static void check(String what, int number, int most) {
    if (number < 0 || number > most) {
      throw new MalformedException(what + ": " + number + " (expected: 0 to " + most + ")");
    }
  }

  /** All that are like that. */
  public static GrayRule of(int priority, GrayMatch match) {
    return new GrayRule(priority, ALL, List.of(match));
  }

  /** A share of all. */
  public static GrayRule share(int share) {
    return new GrayRule(DEFAULT_PRIORITY, share, List.of());
  }

  /** The same for more or fewer. */
  public GrayRule withShare(int share) {
    return new GrayRule(priority, share, anyOf);
  }

  /** Whether an instance sees the gray version of a config. */
  public boolean takes(ConfigKey key, Instance instance) {
    boolean matches = anyOf.isEmpty() || anyOf.stream().anyMatch(match -> match.matches(instance));
    return matches && (share == ALL || !instance.id().isEmpty() && place(key, instance) < share);
  }

  /**
   * Where an instance stands among all, 0 to 9,999: evenly spread, always the same for a config,
   * and another for the next, so that it is not the same few who meet every change first.
   */
  static int place(ConfigKey key, Instance instance) {
    long hash = FNV_BASIS;
    for (byte b : (key + "\n" + instance.id()).getBytes(UTF_8)) {
      hash = (hash ^ b & 0xff) * FNV_PRIME;
    }
    // FNV-1a leaves its high bits little mixed after short texts: finished as MurmurHash3 does.
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return (int) Long.remainderUnsigned(hash ^ hash >>> 33, ALL);
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws MalformedException if it did not
   */
  static GrayRule parse(String text) {
    try {
      String[] parts = text.split("\\|", -1);
      int priority = DEFAULT_PRIORITY;
      int share = ALL;
      for (Map.Entry<String, String> field : fields(parts[0])) {
        switch (field.getKey()) {
          case "priority" -> priority = Integer.parseInt(field.getValue());
          case "share" -> share = Integer.parseInt(field.getValue());
          default -> throw new MalformedException("rule: " + field.getKey());
        }
      }
      List<GrayMatch> anyOf = new ArrayList<>();
      for (int i = 1; i < parts.length; i++) {
        anyOf.add(match(fields(parts[i])));
      }
      return new GrayRule(priority, share, anyOf);
    } catch (IllegalArgumentException e) { // a number that is none, a bad escape, our own
      throw new MalformedException("rule: " + MalformedException.quote(text) + " is none");
    }
  }

  private static List<Map.Entry<String, String>> fields(String text) {
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    for (String field : text.split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals < 0) {
        throw new MalformedException("rule: no = in a field");
      }
      fields.add(
          Map.entry(
              URLDecoder.decode(field.substring(0, equals), UTF_8),
              URLDecoder.decode(field.substring(equals + 1), UTF_8)));
    }
    return fields;
  }

  private static GrayMatch match(List<Map.Entry<String, String>> fields) {
    List<AddressRange> addresses = new ArrayList<>();
    List<String> applications = new ArrayList<>();
    SortedMap<String, List<String>> labels = new TreeMap<>();
    for (Map.Entry<String, String> field : fields) {
      String name = field.getKey();
      if (name.equals("address")) {
        addresses.add(AddressRange.parse(field.getValue()));
      } else if (name.equals("application")) {
        applications.add(field.getValue());
      } else if (name.startsWith("label.")) {
        String label = name.substring("label.".length());
        labels.computeIfAbsent(label, l -> new ArrayList<>()).add(field.getValue());
      } else {
        throw new MalformedException("rule: " + name);
      }
    }
    return new GrayMatch(addresses, applications, labels);
  }

  /**
   * As it is stored: {@code priority=100&share=1000|address=10.0.0.0%2F8&label.stage=canary|…}, a
   * match behind each bar.
   */
  @Override
  public String toString() {
    return text(priority, share, anyOf);
  }

  private static String text(int priority, int share, List<GrayMatch> anyOf) {
    StringBuilder text = new StringBuilder("priority=" + priority + "&share=" + share);
    for (GrayMatch match : anyOf) {
      text.append('|')
          .append(
              match.fields().stream()
                  .map(field -> encode(field.getKey()) + '=' + encode(field.getValue()))
                  .collect(Collectors.joining("&")));
    }
    return text.toString();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
