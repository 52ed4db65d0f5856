package io.posthaste.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.config.PropertiesText.Item;
import io.posthaste.core.MalformedException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PropertiesTextTest {
  private static final String SHOP =
      """
      # Prices of the shop.

      # before tax
      price = 1
      ! two names
      name : Größe \\
          XL
      empty
      """;

  private static PropertiesText shop() {
    return PropertiesText.parse(SHOP);
  }

  @Test
  void readsItemsInOrderWithTheirComments() {
    assertThat(shop().items())
        .containsExactly(
            new Item("price", "1", "before tax"),
            new Item("name", "Größe XL", "two names"),
            new Item("empty", "", ""));
  }

  @Test
  void changesOneValueAndLeavesAllElse() {
    assertThat(shop().with("price", "2", null).text()).isEqualTo(SHOP.replace("= 1", "= 2"));
    assertThat(shop().with("empty", "=x", null).text())
        .isEqualTo(SHOP.replace("empty", "empty==x"));
  }

  @Test
  void addsAKeyAtTheEnd() {
    assertThat(shop().with("a b", " v", "why\nthen").text())
        .isEqualTo(SHOP + "# why\n# then\na\\ b=\\ v\n");
    assertThat(PropertiesText.parse("a=1").with("b", "2", null).text()).isEqualTo("a=1\nb=2\n");
    assertThat(PropertiesText.parse("a=1\\\r\n").with("b", "2", null).text())
        .isEqualTo("a=1\r\nb=2\r\n");
  }

  @Test
  void takesAKeyAwayWithItsCommentButNotWhatTheTextBeginsWith() {
    assertThat(shop().without("name").text())
        .isEqualTo("# Prices of the shop.\n\n# before tax\nprice = 1\nempty\n");
    assertThat(PropertiesText.parse("# licence\na=1\n# b's\nb=2\n").without("a").text())
        .isEqualTo("# licence\n\n# b's\nb=2\n");
    assertThat(shop().without("absent").text()).isEqualTo(SHOP);
  }

  @Test
  void aKeyThatIsThereTwiceHasItsLastValue() {
    PropertiesText twice = PropertiesText.parse("a=1\nb=2\na=3\n");
    assertThat(twice.values()).containsExactly(Map.entry("b", "2"), Map.entry("a", "3"));
    assertThat(twice.with("a", "4", null).text()).isEqualTo("a=1\nb=2\na=4\n");
    assertThat(twice.without("a").text()).isEqualTo("b=2\n");
  }

  @Test
  void aBrokenEscapeStandsForItself() {
    assertThat(PropertiesText.parse("a=\\u12").values()).containsEntry("a", "\\u12");
  }

  @Test
  void moreLinesThanMayBeAreRefused() {
    String most = "a=1\n".repeat(PropertiesText.MAX_LINES);
    assertThat(PropertiesText.parse(most).values()).hasSize(1);
    assertThatThrownBy(() -> PropertiesText.parse(most + "b"))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("at most 100000");
  }

  /** A text of what matters to a reader of properties, and little else. */
  private static String random(Random random, int most) {
    String alphabet = "ab中 =:#!\\\\\n\n\r\t\funr0";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private static Map<String, String> asJavaReads(String text) throws Exception {
    Properties properties = new Properties();
    properties.load(new StringReader(text));
    Map<String, String> values = new LinkedHashMap<>();
    properties.forEach((key, value) -> values.put((String) key, (String) value));
    return values;
  }

  @Test
  void whateverIsReadIsReadAsJavaDoesAndIsWrittenAsItWas() throws Exception {
    long seed = Long.getLong("posthaste.seed", 5);
    Random random = new Random(seed);
    int broken = 0;
    for (int round = 0; round < 30_000; round++) {
      String text = random(random, 24);
      PropertiesText read = PropertiesText.parse(text);
      assertThat(read.text()).as("seed %s, round %s", seed, round).isEqualTo(text);
      try {
        assertThat(read.values())
            .as("seed %s, round %s, %s", seed, round, text)
            .isEqualTo(asJavaReads(text));
      } catch (IllegalArgumentException malformedEscape) {
        broken++;
      }
    }
    assertThat(broken).isBetween(1, 10_000);
  }

  @Test
  void whateverIsChangedIsChangedAloneAndAsJavaReadsIt() throws Exception {
    long seed = Long.getLong("posthaste.seed", 5);
    Random random = new Random(seed);
    for (int round = 0; round < 30_000; round++) {
      String text = random(random, 24).replace('u', 'v');
      PropertiesText before = PropertiesText.parse(text);
      List<String> keys = List.copyOf(before.values().keySet());
      boolean isOld = !keys.isEmpty() && random.nextBoolean();
      String key = isOld ? keys.get(random.nextInt(keys.size())) : random(random, 3);
      String value = random(random, 5);
      String comment = random.nextBoolean() ? null : random(random, 4);
      boolean isRemoved = random.nextInt(3) == 0;
      PropertiesText after = isRemoved ? before.without(key) : before.with(key, value, comment);
      Map<String, String> expected = new LinkedHashMap<>(before.values());
      if (isRemoved) {
        expected.remove(key);
      } else {
        expected.put(key, value);
      }
      String what = "seed %s, round %s: %s".formatted(seed, round, text);
      assertThat(asJavaReads(after.text())).as(what).isEqualTo(expected);
      assertThat(PropertiesText.parse(after.text()).items()).as(what).isEqualTo(after.items());
      for (Item item : before.items()) {
        if (!item.key().equals(key)) {
          assertThat(after.item(item.key())).as(what).contains(item);
        }
      }
    }
  }
}
