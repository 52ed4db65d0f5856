package io.posthaste.door.nacos;

import io.posthaste.config.AddressRange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.core.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * What Nacos calls beta and tag: gray versions of these names, for clients at some addresses, and
 * for those that say a tag.
 */
final class GrayNames {
  /** The header by which a client says its tag; a label of the instance that it is. */
  static final String TAG_LABEL = "Vipserver-Tag";

  private static final String BETA = "beta";
  private static final String TAG = "tag_";
  private static final int MAX_TAG_CHARS = 16;

  private GrayNames() {}

  static GrayKey beta(ConfigKey key) {
    return new GrayKey(key, BETA);
  }

  static boolean isBeta(String gray) {
    return gray.equals(BETA);
  }

  /**
   * @throws MalformedException if the tag is too long, or of other characters than names
   */
  static GrayKey tag(ConfigKey key, String tag) {
    if (tag.length() > MAX_TAG_CHARS) {
      throw new MalformedException(
          "tag: " + tag.length() + " characters (expected: at most " + MAX_TAG_CHARS + ")");
    }
    return new GrayKey(key, TAG + tag);
  }

  /** The tag that a gray version is for; empty if it is for none. */
  static String tagOf(String gray) {
    return gray.startsWith(TAG) ? gray.substring(TAG.length()) : "";
  }

  /**
   * Whoever asks from one of these addresses, before all tags.
   *
   * @param addresses split by commas; ranges too
   * @throws MalformedException if one is none
   */
  static GrayRule betaRule(String addresses) {
    List<AddressRange> ranges = new ArrayList<>();
    for (String address : addresses.split(",", -1)) {
      if (!address.isBlank()) {
        ranges.add(AddressRange.parse(address.strip()));
      }
    }
    if (ranges.isEmpty()) {
      throw new MalformedException("betaIps: empty (expected: addresses, split by commas)");
    }
    return GrayRule.of(GrayRule.MAX_PRIORITY, GrayMatch.addresses(ranges));
  }

  /** Whoever says this tag. */
  static GrayRule tagRule(String tag) {
    return GrayRule.of(GrayRule.MAX_PRIORITY - 1, GrayMatch.label(TAG_LABEL, tag));
  }

  /** The addresses of a rule, as they were given. */
  static String addresses(GrayRule rule) {
    return String.join(
        ",",
        rule.anyOf().stream()
            .flatMap(match -> match.addresses().stream())
            .map(AddressRange::toString)
            .toList());
  }
}
