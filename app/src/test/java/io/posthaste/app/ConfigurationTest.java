package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.posthaste.app.Configuration.Given;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flags go before the environment, that before the file, that before defaults. */
final class ConfigurationTest {
  @TempDir Path directory = Path.of("");

  @ParameterizedTest
  @CsvSource({
    "1s, 2s, 3s, 1s, --heartbeat",
    "1s, 2s,   , 1s, --heartbeat",
    "1s,   , 3s, 1s, --heartbeat",
    "1s,   ,   , 1s, --heartbeat",
    "  , 2s, 3s, 2s, POSTHASTE_HEARTBEAT",
    "  , 2s,   , 2s, POSTHASTE_HEARTBEAT",
    "  ,   , 3s, 3s, file:1",
    "  ,   ,   , 25s, default",
  })
  void theFirstThatHasItWins(String flag, String variable, String file, String wins, String where) {
    Configuration configuration =
        new Configuration(
            flag == null ? Map.of() : Map.of(Setting.HEARTBEAT, List.of(flag)),
            variable == null ? Map.of() : Map.of("POSTHASTE_HEARTBEAT", variable),
            file == null
                ? Map.of()
                : Map.of(Setting.HEARTBEAT, List.of(new Given(file, "file:1"))));

    assertThat(configuration.of(Setting.HEARTBEAT)).containsExactly(new Given(wins, where));
  }

  @Test
  void aListIsReplacedNotAddedTo() {
    Configuration configuration =
        new Configuration(
            Map.of(Setting.KEEP, List.of("a=count:1")),
            Map.of(
                "POSTHASTE_KEEP", "b=count:2; c=count:3", "POSTHASTE_CORS", "https://a;https://b"),
            Map.of());

    assertThat(configuration.of(Setting.KEEP)).extracting(Given::text).containsExactly("a=count:1");
    assertThat(configuration.of(Setting.CORS))
        .extracting(Given::text)
        .containsExactly("https://a", "https://b");
  }

  @Test
  void aFileSaysEverythingThatFlagsCan() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("posthaste.yaml"),
            """
        http: 127.0.0.1:9000
        data: /var/lib/posthaste
        engine: memory
        disk-limit: 20g
        keep:
          logs/#: count:100,age:7d
          typing/#: memory
        cors: [https://a.example, https://b.example]
        allow-host: push.example
        heartbeat: 10s
        """);

    Settings settings = Settings.of(new Configuration(Map.of(), Map.of(), ConfigFile.read(file)));

    assertThat(settings.http()).hasValue(new HostPort("127.0.0.1", 9000));
    assertThat(settings.data()).isEqualTo(Path.of("/var/lib/posthaste"));
    assertThat(settings.engine()).isEqualTo(Settings.Engine.MEMORY);
    assertThat(settings.diskLimitBytes()).isEqualTo(20L << 30);
    assertThat(settings.keep())
        .extracting(rule -> rule.pattern().toString())
        .containsExactly("logs/#", "typing/#");
    assertThat(settings.cors()).containsExactly("https://a.example", "https://b.example");
    assertThat(settings.allowHosts()).containsExactly("push.example");
    assertThat(settings.heartbeat()).hasSeconds(10);
  }

  @Test
  void whatIsPrintedCanBeReadAgain() throws IOException {
    Configuration one =
        new Configuration(
            Map.of(
                Setting.KEEP, List.of("it's/#=count:1", "#=age:1d"), Setting.HTTP, List.of("off")),
            Map.of("POSTHASTE_STALL", "9s"),
            Map.of());
    Path file = Files.writeString(directory.resolve("printed.yaml"), one.print());

    Configuration other = new Configuration(Map.of(), Map.of(), ConfigFile.read(file));

    assertThat(Settings.of(other)).isEqualTo(Settings.of(one));
    assertThat(one.print())
        .contains(
            "http: off  # --http", "stall: 9s  # POSTHASTE_STALL", "engine: embedded  # default");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "htpp: x                | :1: unknown setting htpp (nearest: http)",
        "data: x\\ndisk_limit: 1g | :2: unknown setting disk_limit (nearest: disk-limit)",
        "stall: 1s\\nstall: 2s  | :2: stall is set twice",
        "- http                 | :1: the file is no list of settings",
        "http: [a, b]           | :1: http takes one value",
        "http: {a               | :1: ",
        "keep: {a: {b: c}}      | :1: this is a structure",
      })
  void aWrongFileIsRefusedWithTheLine(String text, String complaint) throws IOException {
    Path file = Files.writeString(directory.resolve("f.yaml"), text.replace("\\n", "\n"));

    assertThatThrownBy(() -> ConfigFile.read(file))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("f.yaml" + complaint);
  }

  @Test
  void aWrongValueIsRefusedWithWhoSaidIt() throws IOException {
    Path file = Files.writeString(directory.resolve("f.yaml"), "\nheartbeat: soon\n");

    Configuration configuration = new Configuration(Map.of(), Map.of(), ConfigFile.read(file));

    assertThatThrownBy(() -> Settings.of(configuration))
        .hasMessageContaining("f.yaml:2: soon (expected: a time above 0 such as");
  }
}
