package io.posthaste.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which version holds, whatever order is heard in. */
final class ConfigStateTest {
  private static final ConfigName NAME = ConfigName.of("a");

  private final ConfigState state = new ConfigState(NAME);

  private static Config version(String id, String gray) {
    return new Config(
        NAME, id, Instant.EPOCH, Map.of(), "text " + id, false, Config.Source.SERVER, gray);
  }

  private String holds() {
    Config used = state.holds();
    return used == null ? "" : used.id();
  }

  @Test
  void whatCameForAllWhileAGrayOneEndedIsNotMissed() {
    Config gray = version("e-0.5", "canary");
    state.learn(version("e-0.3", ""));
    assertThat(state.take(state.newest(), gray)).isTrue();
    state.learn(
        version("e-0.8", "")); // as the server had been asked, and answered with the one before
    assertThat(holds()).isEqualTo("e-0.5");
    assertThat(state.take(gray, version("e-0.7", ""))).isTrue();
    assertThat(holds()).isEqualTo("e-0.8");
  }

  @Test
  void whatIsShownLaterIsTheLater() {
    Config gray = version("e-0.5", "canary");
    state.take(null, gray);
    state.learn(version("e-0.6", ""));
    state.take(gray, version("e-0.7", ""));
    assertThat(holds()).isEqualTo("e-0.7");
    state.learn(version("e-0.9", ""));
    assertThat(holds()).isEqualTo("e-0.9");
  }
}
