package io.posthaste.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.config.PropertiesText.Item;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Texts that configs and what is said of them are made of. The first byte of an input says what the
 * rest is: {@code p} properties, read as Java reads them; {@code e} an edit of some, which changes
 * one key and nothing else; {@code r} a gray rule; {@code a} a range of addresses.
 */
public final class ConfigTextTarget {
  private static final ConfigKey KEY = new ConfigKey("", "G", "a");
  private static final Instance INSTANCE =
      new Instance("i", "10.1.2.3", "shop", new TreeMap<>(Map.of("stage", "canary")), "");

  private ConfigTextTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String text = new String(input, 1, input.length - 1, UTF_8);
    try {
      switch (input[0]) {
        case 'e' -> edit(text.split("\u0001", 4));
        case 'r' -> rule(text);
        case 'a' -> {
          AddressRange range = AddressRange.parse(text);
          require(AddressRange.parse(range.toString()).equals(range), text);
        }
        default -> properties(text);
      }
    } catch (MalformedException e) {
      String why = String.valueOf(e.getMessage());
      boolean isLine = !why.isBlank() && why.chars().noneMatch(c -> c < ' ');
      require(isLine && why.length() < 3_000, "refusal: " + why);
    }
  }

  private static void properties(String text) {
    PropertiesText read = PropertiesText.parse(text);
    require(read.text().equals(text), "is written as " + read.text());
    Properties javas = new Properties();
    try {
      javas.load(new StringReader(text));
    } catch (IllegalArgumentException brokenEscape) {
      return; // which for us stands for itself
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    require(javas.equals(read.values()), javas + " is read as " + read.values());
  }

  /** Of a key, a value, a comment and the text; an empty value removes. */
  private static void edit(String[] parts) {
    if (parts.length < 4) {
      return;
    }
    String key = parts[0];
    PropertiesText before = PropertiesText.parse(parts[3]);
    Map<String, String> expected = new LinkedHashMap<>(before.values());
    PropertiesText after;
    if (parts[1].isEmpty()) {
      after = before.without(key);
      expected.remove(key);
    } else {
      after = before.with(key, parts[1], parts[2].isEmpty() ? null : parts[2]);
      expected.put(key, parts[1]);
    }
    PropertiesText again = PropertiesText.parse(after.text());
    require(again.values().equals(expected), expected + " is " + again.values());
    require(again.items().equals(after.items()), after.items() + " is " + again.items());
    for (Item item : before.items()) {
      require(
          item.key().equals(key) || again.item(item.key()).filter(item::equals).isPresent(),
          item + " is " + again.item(item.key()));
    }
  }

  private static void rule(String text) {
    GrayRule rule = GrayRule.parse(text);
    GrayRule again = GrayRule.parse(rule.toString());
    require(again.equals(rule), rule + " is read as " + again);
    require(again.takes(KEY, INSTANCE) == rule.takes(KEY, INSTANCE), rule.toString());
    if (rule.takes(KEY, INSTANCE)) {
      require(rule.withShare(GrayRule.ALL).takes(KEY, INSTANCE), "more take fewer: " + rule);
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
