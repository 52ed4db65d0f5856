package io.posthaste.door.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client in Java that the docs show, as it is printed there. */
@Timeout(120)
class JavaExampleTest {
  private static final String BEGIN = "```java\n";

  @TempDir private Path directory;

  @Test
  void hearsWhatItPublishes() throws Exception {
    String page = Files.readString(Path.of("../../docs/doors/tcp.md"));
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    String program = page.substring(begin, page.indexOf("```", begin));
    assertThat(program).contains("localhost\", 7080");
    try (TcpServer server = new TcpServer()) {
      Path file =
          Files.writeString(
              directory.resolve("Hello.java"),
              program.replace("7080", String.valueOf(server.address.getPort())));
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  file.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader said = process.inputReader()) {
        assertThat(said.readLine()).isEqualTo("news/today hello");
      } finally {
        process.destroyForcibly();
      }
    }
  }
}
