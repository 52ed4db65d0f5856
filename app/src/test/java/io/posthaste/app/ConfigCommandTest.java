package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./posthaste config}. */
final class ConfigCommandTest {
  @TempDir private Path directory;
  private PosthasteServer server;

  @BeforeEach
  void start() {
    server =
        PosthasteServer.start(
            Map.of(
                "http", List.of("127.0.0.1:0"),
                "tcp", List.of("off"),
                "engine", List.of("memory")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Cli config(String... arguments) {
    List<String> all = new ArrayList<>(List.of("config"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--url", "http://127.0.0.1:" + server.http().orElseThrow().getPort()));
    return Cli.run(all.toArray(String[]::new));
  }

  private String set(String content, String... more) throws Exception {
    Path file = Files.writeString(directory.resolve("content"), content);
    List<String> all = new ArrayList<>(List.of("set", "a.json", "--file", file.toString()));
    all.addAll(List.of(more));
    Cli done = config(all.toArray(String[]::new));
    assertThat(done.err()).isEmpty();
    return done.out().strip();
  }

  @Test
  void setsGetsGoesBackAndDeletes() throws Exception {
    String first = set("{\n  \"a\": 1\n}\n", "--format", "json", "--comment", "begin");
    String second = set("2", "--if", first);
    assertThat(config("get", "a.json").out()).isEqualTo("2");
    assertThat(config("get", "a.json", "--id", first).out()).isEqualTo("{\n  \"a\": 1\n}\n");

    assertThat(config("rollback", "a.json", first).code()).isZero();
    assertThat(config("get", "a.json").out()).isEqualTo("{\n  \"a\": 1\n}\n");
    List<String> history = config("history", "a.json").out().lines().toList();
    assertThat(history).hasSize(3);
    assertThat(history.get(0)).endsWith("rollback to " + first);
    assertThat(history.get(1)).startsWith(second);
    assertThat(history.get(2)).startsWith(first).endsWith("begin");

    assertThat(config("list").out()).startsWith("DEFAULT_GROUP\ta.json\t");
    assertThat(config("delete", "a.json").code()).isZero();
    assertThat(config("get", "a.json").code()).isEqualTo(1);
    assertThat(config("history", "a.json").out()).contains("(deleted)");
  }

  @Test
  void saysWhatWouldBeRight() throws Exception {
    String first = set("1");
    set("2");
    Path file = Files.writeString(directory.resolve("third"), "3");
    Cli late = config("set", "a.json", "--file", file.toString(), "--if", first);
    assertThat(late.code()).isEqualTo(1);
    assertThat(late.err()).contains("not published: the latest message is not what was asked for");
    assertThat(config("rollback", "a.json", "nonsense").err()).contains("is no version");
    assertThat(config("get", "a b").err()).contains("expected: 1 to 255 letters");
  }
}
