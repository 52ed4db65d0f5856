package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
    server = ConfigCli.server();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Cli config(String... arguments) {
    return ConfigCli.run(server, arguments);
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

  /** What it prints of the first change that it sees. */
  private String watched(String key, String publisher) throws Exception {
    CompletableFuture<Cli> watching =
        CompletableFuture.supplyAsync(
            () -> config("watch", "a.json", "--count", "1", "--api-key", key));
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              set("1", "--comment", "again", "--api-key", publisher);
              return watching.isDone();
            });
    assertThat(watching.get().code()).isZero();
    return watching.get().out();
  }

  @Test
  void watches() throws Exception {
    server.close();
    String[] data = {"--data", directory.resolve("data").toString()};
    on(data, "user", "add", "boss", "--no-password");
    String boss = on(data, "key", "create", "boss");
    on(data, "user", "add", "ann", "--service", "--no-password");
    on(data, "grant", "add", "ann", "read", "config/#");
    String ann = on(data, "key", "create", "ann");
    server =
        PosthasteServer.start(
            Map.of(
                "http", List.of("127.0.0.1:0"),
                "tcp", List.of("off"),
                "data", List.of(data[1])));

    assertThat(watched(boss, boss))
        .startsWith("watching public/DEFAULT_GROUP/a.json\n")
        .contains(" public/DEFAULT_GROUP/a.json ", " by boss: again\n")
        .endsWith("nobody is known to listen\n");
    String url = "http://127.0.0.1:" + server.http().orElseThrow().getPort();
    Path line = Files.writeString(directory.resolve("line"), "1\n");
    for (String[] one : new String[][] {{}, {"--lines"}}) {
      List<String> publish =
          new ArrayList<>(List.of("publish", "config/public/DEFAULT_GROUP/b", line.toString()));
      publish.addAll(List.of(one));
      publish.addAll(List.of("--url", url, "--api-key", boss));
      assertThat(Cli.run(publish.toArray(String[]::new)).code()).isZero();
    }
    assertThat(config("delete", "b", "--api-key", boss).code()).isZero();
    assertThat(config("history", "b", "--api-key", boss).out().lines())
        .hasSize(3)
        .allMatch(version -> version.contains("boss"));
    assertThat(watched(ann, boss)).contains(": again\n").endsWith("to those who may publish it\n");
  }

  private static String on(String[] data, String... command) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(data));
    Cli done = Cli.run(all.toArray(String[]::new));
    assertThat(done.code()).as(done.err()).isZero();
    return done.out().strip();
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
