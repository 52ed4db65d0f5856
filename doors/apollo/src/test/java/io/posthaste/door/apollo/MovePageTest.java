package io.posthaste.door.apollo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/move-from-apollo.md}, followed as printed. */
final class MovePageTest {
  @TempDir private Path directory;

  private static List<String> blocks(String page, String language) {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(page)
        .results()
        .map(match -> match.group(1).strip())
        .toList();
  }

  private static String shell(String commands, ApolloServer server) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-ec", commands.replace("http://127.0.0.1:8070", server.url()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(commands).isZero();
    return printed;
  }

  @Test
  @Timeout(120)
  void theProgramIsToldOfTheRelease() throws Exception {
    String page = Files.readString(Path.of("../../docs/move-from-apollo.md"));
    List<String> commands = blocks(page, "sh");
    Path source = Files.writeString(directory.resolve("Shop.java"), blocks(page, "java").get(0));
    String classPath = System.getProperty("java.class.path");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", directory.toString(), source.toString());
    assertThat(compiled).isZero();
    try (ApolloServer server = new ApolloServer()) {
      assertThat(shell(commands.get(1), server)).contains("\"configurations\":{\"price\":\"1\"}");
      Process shop =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Dapollo.cache-dir=" + directory,
                  "-cp",
                  directory + ":" + classPath,
                  "Shop",
                  server.url())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader printed = shop.inputReader(StandardCharsets.UTF_8)) {
        assertThat(printed.readLine()).isEqualTo("now: price = 1");
        assertThat(shell(commands.get(2), server)).contains("\"oldValue\":\"1\"");
        assertThat(printed.readLine()).isEqualTo("changed: price = 2");
        assertThat(shell(commands.get(3), server)).isEqualTo("# in euros\nprice=2\n");
      } finally {
        shop.destroyForcibly();
      }
    }
  }
}
