package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./posthaste config gray}. */
final class ConfigGrayTest {
  @TempDir private Path directory;
  private PosthasteServer server;

  @BeforeEach
  void start() throws Exception {
    server = ConfigCli.server();
    run("set", "a.yaml", "--file", file("old"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String file(String content) throws Exception {
    return Files.writeString(directory.resolve(content), content).toString();
  }

  private Cli run(String... arguments) {
    return ConfigCli.run(server, arguments);
  }

  private Cli gray(String... arguments) {
    List<String> all = new ArrayList<>(List.of("gray"));
    all.addAll(List.of(arguments));
    return run(all.toArray(String[]::new));
  }

  @Test
  void startsListsStepsAndPromotes() throws Exception {
    assertThat(gray("list", "a.yaml").out()).isEmpty();
    Cli started =
        gray(
            "start",
            "a.yaml",
            "slowly",
            "--file",
            file("new"),
            "--format",
            "yaml",
            "--stages",
            "0.5,10,100",
            "--every",
            "10m",
            "--label",
            "stage=canary",
            "--label",
            "stage=beta",
            "--ip",
            "10.0.0.0/8,127.0.0.1",
            "--priority",
            "7",
            "--comment",
            "try it",
            "--if",
            "none");
    assertThat(started.err()).isEmpty();
    String id = started.out().strip();
    assertThat(gray("get", "a.yaml", "slowly").out()).isEqualTo("new");
    List<String> listed = gray("list", "a.yaml").out().lines().toList();
    assertThat(listed).hasSize(2);
    assertThat(listed.get(1))
        .matches("slowly +7 +0\\.5 +active +20[^ ]+Z +[0-9a-f]{32} +.*")
        .endsWith("10.0.0.0/8 127.0.0.1 stage=canary stage=beta");

    assertThat(gray("step", "a.yaml", "slowly", "--if", id).code()).isZero();
    assertThat(gray("step", "a.yaml", "slowly", "--if", id).err()).contains("not what was asked");
    assertThat(gray("hold", "a.yaml", "slowly", "--comment", "wait").code()).isZero();
    assertThat(gray("list", "a.yaml").out()).contains("held: wait");
    assertThat(gray("resume", "a.yaml", "slowly").code()).isZero();
    Cli promoted = gray("promote", "a.yaml", "slowly", "--comment", "it works");
    assertThat(promoted.err()).isEmpty();
    assertThat(run("get", "a.yaml").out()).isEqualTo("new");
    assertThat(run("history", "a.yaml").out()).contains(promoted.out().strip(), "it works");
    assertThat(gray("list", "a.yaml").out()).isEmpty();
  }

  @Test
  void thePageWorksAsPrinted() throws Exception {
    String page = Files.readString(Path.of("../docs/gray.md"));
    Matcher blocks = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL).matcher(page);
    StringBuilder printed = new StringBuilder();
    while (blocks.find()) {
      for (String line : blocks.group(1).lines().toList()) {
        Matcher echo = Pattern.compile("echo '(.*)' > (\\S+)").matcher(line);
        if (echo.matches()) {
          Files.writeString(directory.resolve(echo.group(2)), echo.group(1) + "\n");
        } else {
          Cli done = Cli.run(words(line));
          assertThat(done.err()).as(line).isEmpty();
          printed.append(done.out());
        }
      }
    }
    Matcher table = Pattern.compile("```\n(NAME .*?)```", Pattern.DOTALL).matcher(page);
    assertThat(table.find()).isTrue();
    assertThat(printed).contains(table.group(1));
    assertThat(run("get", "shop.yaml").out()).isEqualTo("price: 2\n");
    assertThat(gray("list", "shop.yaml").out()).contains("slowly ", " 1 ");
  }

  /** The words of a line of the page, for this server and this directory. */
  private String[] words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = Pattern.compile("'([^']*)'|(\\S+)").matcher(line);
    while (word.find()) {
      String text = word.group(1) == null ? word.group(2) : word.group(1);
      boolean isFile = !words.isEmpty() && words.get(words.size() - 1).equals("--file");
      words.add(isFile ? directory.resolve(text).toString() : text);
    }
    assertThat(words.remove(0)).isEqualTo("./posthaste");
    words.addAll(List.of("--url", "http://127.0.0.1:" + server.http().orElseThrow().getPort()));
    return words.toArray(String[]::new);
  }

  @Test
  void getShowsWhatIsMeantForAnInstance() throws Exception {
    run("set", "b.yaml", "--file", file("all"));
    gray("start", "b.yaml", "canary", "--file", file("new"), "--label", "stage=canary");
    assertThat(run("get", "b.yaml").out()).isEqualTo("all");
    assertThat(run("get", "b.yaml", "--label", "stage=canary").out()).isEqualTo("new");
    assertThat(run("get", "b.yaml", "--application", "shop").out()).isEqualTo("all");
    Cli both = run("get", "b.yaml", "--label", "stage=canary", "--id", "x-0.1");
    assertThat(both.err()).contains("expected: one of both");
  }

  @Test
  void aRuleIsChangedAndTheVersionAborted() throws Exception {
    gray("start", "a.yaml", "canary", "--file", file("new"), "--application", "shop");
    assertThat(gray("list", "a.yaml").out()).contains("application=shop");
    assertThat(gray("rule", "a.yaml", "canary", "--percent", "5").code()).isZero();
    assertThat(gray("list", "a.yaml").out()).contains(" 5 ", "any");
    run("set", "a.yaml", "--file", file("fixed"));
    assertThat(gray("promote", "a.yaml", "canary").err()).contains("the config is ");
    assertThat(gray("abort", "a.yaml", "canary").code()).isZero();
    assertThat(gray("get", "a.yaml", "canary").err()).contains("there is no gray version");
    assertThat(run("get", "a.yaml").out()).isEqualTo("fixed");
  }

  @Test
  void whatMakesNoSenseIsRefused() throws Exception {
    String file = file("new");
    assertThat(gray("start", "a.yaml", "canary", "--file", file).err()).contains("rule: missing");
    assertThat(gray("rule", "a.yaml", "canary").err()).contains("nobody is named");
    assertThat(gray("start", "a.yaml", "c", "--file", file, "--label", "x").err())
        .contains("NAME=VALUE");
    assertThat(gray("start", "a.yaml", "c", "--file", file, "--ip", "pod").err())
        .contains("address: \"pod\"");
    for (String time : List.of("10", "500ms", "soon")) {
      assertThat(gray("start", "a.yaml", "c", "--file", file, "--every", time).err())
          .contains("--every " + time + " (expected: a ");
    }
    assertThat(gray("step", "a.yaml", "nothing").err()).contains("there is no gray version");
  }
}
