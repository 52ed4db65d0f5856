package io.posthaste.door.nacos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/move-from-nacos.md}, followed as printed. */
final class MovePageTest {
  @TempDir private Path directory;

  private static List<String> blocks(String page, String language) {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(page)
        .results()
        .map(match -> match.group(1).strip())
        .toList();
  }

  private static String shell(String command, NacosServer server) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", command.replace("127.0.0.1:8848", server.place()))
            .redirectErrorStream(true)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(names = {"V1_4_8", "V3_2_1"})
  @Timeout(60)
  void theProgramIsToldOfTheChange(ClientLine line) throws Exception {
    follow(line);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"V1_4_8", "V3_2_1"})
  @Timeout(60)
  @EnabledIfSystemProperty(
      named = "long",
      matches = "true",
      disabledReason = "three more processes, of lines between those: with -Dlong=true")
  void theProgramIsToldOfTheChangeByOtherLines(ClientLine line) throws Exception {
    follow(line);
  }

  private void follow(ClientLine line) throws Exception {
    String page = Files.readString(Path.of("../../docs/move-from-nacos.md"));
    List<String> commands = blocks(page, "sh");
    Path source = Files.writeString(directory.resolve("Shop.java"), blocks(page, "java").get(0));
    String classPath = line.classPath();
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", directory.toString(), source.toString());
    assertThat(compiled).isZero();
    try (NacosServer server = new NacosServer()) {
      assertThat(shell(commands.get(1), server)).endsWith("true");
      Process shop =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-DJM.SNAPSHOT.PATH=" + directory,
                  "-DJM.LOG.PATH=" + directory,
                  "-cp",
                  directory + ":" + classPath,
                  "Shop",
                  server.place())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader out = shop.inputReader(StandardCharsets.UTF_8)) {
        await(out, "now: price: 1");
        assertThat(shell(commands.get(2), server)).endsWith("true");
        await(out, "changed: price: 2");
        assertThat(shell(commands.get(3), server)).contains("\"totalCount\":2");
      } finally {
        shop.destroyForcibly().waitFor();
      }
    }
  }

  private static void await(BufferedReader out, String expected) throws Exception {
    String line = out.readLine();
    while (line != null && !line.equals(expected)) {
      line = out.readLine();
    }
    assertThat(line).isEqualTo(expected);
  }
}
