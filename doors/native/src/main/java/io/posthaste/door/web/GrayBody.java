package io.posthaste.door.web;

import io.posthaste.config.AddressRange;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of a gray version, as JSON:
 *
 * <pre>
 *   {"data": "price: 2", "format": "yaml", "comment": "…",
 *    "rule": {"priority": 100, "percent": 10,
 *             "anyOf": [{"addresses": ["10.0.0.0/8"], "applications": ["shop"],
 *                        "labels": {"stage": ["canary"]}}]},
 *    "stages": [1, 10, 100], "everySeconds": 600}
 * </pre>
 */
final class GrayBody {
  /** Half a content's characters may come escaped, as over other doors. */
  static final int MAX_BYTES = ConfigPolicy.MAX_BYTES + ConfigPolicy.MAX_BYTES / 2 + (256 << 10);

  /** No exponents: {@code 1e999999} is a few bytes, and seconds of work. */
  private static final Pattern PERCENTAGE = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,2})?");

  private static final int MAX_MATCHES = 1_000;
  private static final int MAX_VALUES = 10_000;
  private static final Set<String> KNOWN =
      Set.of(
          "data",
          "format",
          "comment",
          "description",
          "application",
          "tags",
          "rule",
          "stages",
          "everySeconds",
          "over");

  private final JsonFields fields;

  private GrayBody(JsonFields fields) {
    this.fields = fields;
  }

  /**
   * Reads one; of no bytes, one that says nothing.
   *
   * @throws MalformedException if it is no object, or says what is not known
   */
  static GrayBody parse(byte[] json) {
    byte[] object = json.length == 0 ? "{}".getBytes(StandardCharsets.US_ASCII) : json;
    JsonFields fields = JsonFields.parse("body", object);
    fields.only(KNOWN);
    return new GrayBody(fields);
  }

  /** Refuses what has no meaning for this action. */
  void only(String... names) {
    fields.only(Set.of(names));
  }

  String comment() {
    return text("comment");
  }

  private String text(String name) {
    String text = fields.string(name);
    return text == null ? "" : text;
  }

  Payload content() {
    return Payload.of(fields.required("data"));
  }

  boolean isOver() {
    return fields.isTrue("over");
  }

  ConfigAttributes attributes(ConfigAttributes who) {
    return new ConfigAttributes(
        text("format"),
        who.author(),
        who.address(),
        who.comment(),
        text("application"),
        text("description"),
        text("tags"),
        "");
  }

  /** Its rule; for all, if none is said, which with stages begins with the first. */
  GrayRule rule() {
    byte[] json = fields.raw("rule");
    if (json == null) {
      if (stages().isEmpty()) {
        throw new MalformedException("rule: missing (expected: a rule, or stages)");
      }
      return GrayRule.share(GrayRule.ALL);
    }
    JsonFields rule = JsonFields.parse("rule", json);
    rule.only(Set.of("priority", "percent", "anyOf"));
    return new GrayRule(
        (int) number(rule, "priority", GrayRule.DEFAULT_PRIORITY, GrayRule.MAX_PRIORITY),
        share(rule.scalar("percent")),
        rule.objects("anyOf", MAX_MATCHES).stream().map(GrayBody::match).toList());
  }

  private static GrayMatch match(JsonFields match) {
    match.only(Set.of("addresses", "applications", "labels"));
    TreeMap<String, List<String>> labels = new TreeMap<>();
    byte[] json = match.raw("labels");
    if (json != null) {
      JsonFields all = JsonFields.parse("labels", json);
      all.names().forEach(name -> labels.put(name, all.strings(name, MAX_VALUES)));
    }
    return new GrayMatch(
        match.strings("addresses", MAX_VALUES).stream().map(AddressRange::parse).toList(),
        match.strings("applications", MAX_VALUES),
        labels);
  }

  /** The shares that it goes through. */
  List<Integer> stages() {
    return fields.scalars("stages", 1_000).stream().map(GrayBody::share).toList();
  }

  /** How long each stage lasts. */
  Duration every() {
    return Duration.ofSeconds(number(fields, "everySeconds", 0, Integer.MAX_VALUE));
  }

  private static long number(JsonFields fields, String name, int otherwise, int most) {
    String text = fields.scalar(name);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw notANumber(name, text, most);
    }
    throw notANumber(name, text, most);
  }

  private static MalformedException notANumber(String name, String text, int most) {
    return new MalformedException(
        name + ": " + MalformedException.quote(text) + " (expected: 0 to " + most + ")");
  }

  /** A percentage in hundredths. */
  private static int share(@Nullable String percent) {
    if (percent == null) {
      return GrayRule.ALL;
    }
    if (PERCENTAGE.matcher(percent).matches()) {
      int share = new BigDecimal(percent).movePointRight(2).intValueExact();
      if (share <= GrayRule.ALL) {
        return share;
      }
    }
    throw new MalformedException(
        "percent: "
            + MalformedException.quote(percent)
            + " (expected: 0 to 100, with two decimals at most)");
  }
}
