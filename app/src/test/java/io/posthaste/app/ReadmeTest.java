package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stranger can follow the README as printed. */
final class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)");

  @TempDir Path directory = Path.of("");

  private static String page(String name) throws IOException {
    return Files.readString(ROOT.resolve(name));
  }

  /** The commands of a page, without their comments. */
  private static List<String> commands(String page) {
    List<String> commands = new ArrayList<>();
    for (MatchResult block : BLOCK.matcher(page).results().toList()) {
      block.group(1).lines().map(line -> line.replaceFirst(" +#.*", "")).forEach(commands::add);
    }
    return commands;
  }

  @Test
  void itsFirstStepsSucceedAsPrinted() throws Exception {
    String page = page("README.md");
    List<String> commands = commands(page);
    assertThat(page.lines().limit(30).toList()).contains(commands.get(2));
    assertThat(commands.get(0)).isEqualTo("./posthaste serve");

    try (Child server = Child.serve(directory)) {
      Process waiting = shell(server, commands.get(1));
      try (BufferedReader events = waiting.inputReader(StandardCharsets.UTF_8)) {
        assertThat(events.readLine()).isNotNull();
        assertThat(output(server, commands.get(2))).contains("\"id\":");
        awaitLine(events, "\"data\":\"hello\"");
      } finally {
        waiting.destroy();
      }
      assertThat(output(server, commands.get(3))).contains("\"data\":\"hello\"");
      assertThat(output(server, commands.get(4))).contains("\"data\":\"hello\"");
      assertThat(output(server, commands.get(5))).isEqualTo("hello");
    }
  }

  @Test
  void gettingStartedGoesAsPrinted() throws Exception {
    List<String> commands = commands(page("docs/getting-started.md"));
    String[] start = commands.get(0).split(" ");
    assertThat(start).startsWith("./posthaste", "serve").hasSize(4);
    String[] options = Arrays.copyOfRange(start, 2, start.length);

    try (Child server = Child.serve(directory, options)) {
      assertThat(output(server, commands.get(1))).contains("\"id\":");
      assertThat(output(server, commands.get(2))).isEqualTo("the first");
      Process waiting = shell(server, commands.get(3));
      try (BufferedReader events = waiting.inputReader(StandardCharsets.UTF_8)) {
        awaitLine(events, "\"data\":\"the first\"");
        output(server, commands.get(4));
        awaitLine(events, "\"data\":\"the second\"");
      } finally {
        waiting.destroy();
      }
      assertThat(output(server, commands.get(5))).contains("the first", "the second", "\"next\":");
      String asThePage =
          "curl -s -D - -o /dev/null -H 'Origin: "
              + options[1]
              + "' http://127.0.0.1:8080/v1/topics";
      assertThat(output(server, asThePage)).contains("Access-Control-Allow-Origin: " + options[1]);
    }
  }

  private static void awaitLine(BufferedReader lines, String part) throws IOException {
    String line = lines.readLine();
    while (!line.contains(part)) {
      line = lines.readLine();
    }
  }

  private Process shell(Child server, String command) throws IOException {
    assertThat(command).startsWith("curl ").contains("http://127.0.0.1:8080/");
    String moved = command.replace("http://127.0.0.1:8080", server.url());
    return new ProcessBuilder("sh", "-c", moved).directory(directory.toFile()).start();
  }

  private String output(Child server, String command) throws IOException {
    return new String(
        shell(server, command).getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void theCommandsAreAllThere() throws IOException {
    List<String> commands = new ArrayList<>(commands(page("README.md")));
    for (String page : List.of("getting-started", "proxies", "troubleshooting", "why")) {
      commands.addAll(commands(page("docs/" + page + ".md")));
    }
    for (String command : commands) {
      int ours = command.indexOf("./posthaste ");
      if (ours >= 0) {
        String name = command.substring(ours).split(" ")[1];
        assertThat(Cli.run(name, "--help").code()).as(command).isZero();
      }
    }
  }

  @Test
  void bothLanguagesShowTheSameCommandsAndLinks() throws IOException {
    String english = page("README.md");
    String chinese = page("README.zh-CN.md");

    assertThat(commands(chinese)).isEqualTo(commands(english));
    assertThat(links(chinese))
        .containsAll(links(english).stream().filter(link -> !link.startsWith("README")).toList());
  }

  @Test
  void noPageLinksToWhatIsNotThere() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (var files = Files.list(ROOT)) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    try (var files = Files.walk(ROOT.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    for (Path page : pages) {
      for (String link : links(Files.readString(page))) {
        assertThat(page.resolveSibling(link)).as("%s links to %s", page, link).exists();
      }
    }
  }

  private static List<String> links(String page) {
    return LINK.matcher(page).results().map(match -> match.group(1)).toList();
  }

  @Test
  void operationsTellsEverySetting() throws IOException {
    String page = page("docs/operations.md");

    for (Setting setting : Setting.all()) {
      // In the first column, where several that belong together may share a row.
      assertThat(page).containsPattern("(?m)^\\| [^|]*`" + setting.key() + "`[^|]* \\|");
    }
  }

  @Test
  void theConfigurationFileOfTheDocsIsLegal() throws IOException {
    String page = page("docs/operations.md");
    int begin = page.indexOf("```yaml\n") + "```yaml\n".length();
    Path file =
        Files.writeString(
            directory.resolve("f.yaml"), page.substring(begin, page.indexOf("```", begin)));

    Settings settings = Settings.of(new Configuration(Map.of(), Map.of(), ConfigFile.read(file)));

    assertThat(settings.keep()).hasSize(3);
    assertThat(settings.allowHosts()).containsExactly("push.example.org");
  }
}
