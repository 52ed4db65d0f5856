package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The keys of each format, and what is said where there are none. */
final class ConfigKeysTest {
  private static Map<String, String> keys(String name, String content) {
    return config(name, "", content).keys();
  }

  private static Config config(String name, String format, String content) {
    return new Config(
        ConfigName.of(name),
        "e-0.1",
        Instant.EPOCH,
        format.isEmpty() ? Map.of() : Map.of("format", format),
        content,
        false,
        Config.Source.SERVER,
        "");
  }

  @Test
  void ofProperties() {
    assertThat(keys("a.properties", "# c\nb = 1\na: two \\\n  lines\nc\n\\u00e4=\\u00f6\n"))
        .containsExactly(
            Map.entry("b", "1"),
            Map.entry("a", "two lines"),
            Map.entry("c", ""),
            Map.entry("ä", "ö"));
  }

  @Test
  void ofJson() {
    String json =
        "{\"a\":{\"b\":1.50,\"n\":null},\"l\":[true,{\"x\":\"y\"},[7]],\"e\":{},\"s\":[]}";
    assertThat(keys("a.json", json))
        .containsExactly(
            Map.entry("a.b", "1.50"),
            Map.entry("a.n", ""),
            Map.entry("l[0]", "true"),
            Map.entry("l[1].x", "y"),
            Map.entry("l[2][0]", "7"));
  }

  @Test
  void ofYaml() {
    assertThat(keys("a.yml", "a:\n  b: 1\n  n:\nl: [true, {x: y}]\n# nothing else\n"))
        .containsExactly(
            Map.entry("a.b", "1"),
            Map.entry("a.n", ""),
            Map.entry("l[0]", "true"),
            Map.entry("l[1].x", "y"));
    assertThat(keys("a.yml", "v: 1.10\nd: 2026-01-01\no: on\nn: 0x1F\nz: ~\ne: ''\n"))
        .containsExactly(
            Map.entry("v", "1.10"),
            Map.entry("d", "2026-01-01"),
            Map.entry("o", "on"),
            Map.entry("n", "0x1F"),
            Map.entry("z", ""),
            Map.entry("e", ""));
    assertThat(keys("a.yml", "a: &a {x: 1}\nb: {<<: *a, y: 2}")).containsEntry("b.x", "1");
  }

  @Test
  void ofNothingAreNone() {
    for (String name : new String[] {"a.properties", "a.json", "a.yaml"}) {
      assertThat(keys(name, "")).isEmpty();
    }
  }

  @Test
  void theFormatIsWhatThePublisherSaidOrElseWhatTheNameEndsIn() {
    assertThat(config("a.json", "yaml", "").format()).isEqualTo("yaml");
    assertThat(config("a.json", "text", "").format()).isEqualTo("json");
    assertThat(config("a.YML", "", "").format()).isEqualTo("yaml");
    assertThat(config("json", "", "").format()).isEqualTo("text");
  }

  @Test
  void whatIsNotValidIsSaidToBeSo() {
    assertThatThrownBy(() -> keys("a.json", "{\"a\":1,\n}"))
        .isInstanceOf(ConfigFormatException.class)
        .hasMessageContaining("public/DEFAULT_GROUP/a.json is not valid json")
        .hasMessageContaining("line 2");
    for (String bad : new String[] {"[1]", "{\"a\"", "{} {}", "{\"a\":[}", "1"}) {
      assertThatThrownBy(() -> keys("a.json", bad)).isInstanceOf(ConfigFormatException.class);
    }
    String deep = "[".repeat(100_000);
    for (String bad :
        new String[] {
          "[1]", "a: [", "a: &a [*a]", "{a: " + deep, "a: 1\n---\nb: 2", "!!java.net.URL x"
        }) {
      assertThatThrownBy(() -> keys("a.yaml", bad)).isInstanceOf(ConfigFormatException.class);
    }
    assertThatThrownBy(() -> keys("a.properties", "a=\\uzzzz"))
        .isInstanceOf(ConfigFormatException.class);
    assertThatThrownBy(() -> keys("a.txt", "a"))
        .hasMessageContaining("the format text has no keys (expected: properties, yaml or json)");
  }

  @Test
  void aliasesWithinAliasesDoNotFillTheMemory() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 25; i++) {
      bomb.append(String.format("a%d: &a%d [*a%d, *a%d]%n", i, i, i - 1, i - 1));
    }
    assertThatThrownBy(() -> keys("a.yaml", bomb.toString()))
        .isInstanceOf(ConfigFormatException.class)
        .hasMessageContaining("more than 1000000 keys");
  }
}
