package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./posthaste} in a project of its own, with a Maven and JDKs that only tell what they were
 * asked.
 */
final class LauncherTest {
  private static final Path SCRIPT = Path.of("..", "posthaste").toAbsolutePath().normalize();

  @TempDir Path directory = Path.of("");
  private Path project = Path.of("");
  private Path tools = Path.of("");

  private record Ran(int code, String output) {}

  @BeforeEach
  void makeProject() throws IOException {
    project = Files.createDirectories(directory.resolve("a project"));
    tools = Files.createDirectories(directory.resolve("tools"));
    Files.copy(SCRIPT, project.resolve("posthaste"));
    Files.createDirectories(project.resolve("app/src/main/java"));
    Files.writeString(
        project.resolve("app/jvm.flags"), "# a comment\n-Done\n21+: -Dnewer\n17: -Dolder\n");
    Files.writeString(project.resolve("app/src/main/java/A.java"), "class A {}");
    executable(
        tools.resolve("mvn"),
        """
        #!/bin/sh
        echo "$JAVA_HOME" >> "%s/mvn.calls"
        echo '[INFO] Building Posthaste core 0.1.0-SNAPSHOT                     [2/3]'
        [ ! -e "%s/fail" ] || { echo '[ERROR] no such thing'; exit 1; }
        mkdir -p app/target/lib && touch app/target/posthaste-app.jar app/target/lib/a.jar
        """
            .formatted(directory, directory));
    jdk("jdk-17", "17.0.9");
  }

  private void jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(directory.resolve("jdks").resolve(name));
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    executable(home.resolve("bin/java"), "#!/bin/sh\necho \"" + name + " $*\"\n");
    executable(home.resolve("bin/javac"), "#!/bin/sh\n");
  }

  private static void executable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private String jdks() throws IOException {
    List<String> all = new ArrayList<>();
    try (var homes = Files.list(directory.resolve("jdks"))) {
      homes.forEach(home -> all.add(home.toString()));
    }
    return String.join("\n", all);
  }

  private Ran run(Path from, Path script, Map<String, String> more, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(from.toFile()).redirectErrorStream(true);
    builder.environment().put("PATH", tools + ":/usr/bin:/bin");
    builder.environment().put("POSTHASTE_JAVA_HOME", jdks());
    builder.environment().remove("POSTHASTE_BUILD");
    builder.environment().putAll(more);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }

  private Ran run(String... arguments) throws IOException, InterruptedException {
    return run(project, project.resolve("posthaste"), Map.of(), arguments);
  }

  private List<String> builds() throws IOException {
    Path calls = directory.resolve("mvn.calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  @Test
  void buildsWhatIsMissingAndSaysSo() throws Exception {
    Ran ran = run("serve", "two words");

    assertThat(ran.code()).isZero();
    assertThat(ran.output()).contains("building Posthaste with JDK 17", "[2/3]    Posthaste core");
    assertThat(ran.output().lines().toList().get(ran.output().lines().toList().size() - 1))
        .startsWith("jdk-17 -Done -Dolder ")
        .endsWith("app/target/posthaste-app.jar serve two words");
    assertThat(builds()).hasSize(1);
  }

  @Test
  void buildsOnceForTwoStarts() throws Exception {
    run("version");
    run("version");

    assertThat(builds()).hasSize(1);
  }

  @Test
  void buildsAgainWhenASourceIsNewer() throws Exception {
    run("version");
    Files.setLastModifiedTime(
        project.resolve("app/src/main/java/A.java"), FileTime.from(Instant.now().plusSeconds(5)));
    run("version");

    assertThat(builds()).hasSize(2);
  }

  @Test
  void startsFromAnyDirectoryAndThroughSymlinks() throws Exception {
    Path elsewhere = Files.createDirectories(directory.resolve("else where"));
    Path link =
        Files.createSymbolicLink(elsewhere.resolve("ph"), Path.of("../a project/posthaste"));
    Path linkToLink = Files.createSymbolicLink(directory.resolve("again"), link);

    Ran ran = run(elsewhere, linkToLink, Map.of(), "version");

    assertThat(ran.code()).isZero();
    assertThat(ran.output()).contains("a project/app/target/posthaste-app.jar version");
  }

  @Test
  void takesTheNewestJdkAndItsFlags() throws Exception {
    jdk("jdk-25", "25.0.1");
    jdk("jdk-9", "9.0.4");
    jdk("jdk-21", "21");

    Ran ran = run("version");

    assertThat(ran.output()).contains("jdk-25 -Done -Dnewer ").doesNotContain("-Dolder");
    assertThat(builds()).allMatch(home -> home.endsWith("jdk-25"));
  }

  @Test
  void saysThatTheJdkThatWasNamedIsNone() throws Exception {
    Ran ran =
        run(
            project,
            project.resolve("posthaste"),
            Map.of("POSTHASTE_JAVA_HOME", "/nowhere"),
            "serve");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.output()).contains("POSTHASTE_JAVA_HOME=/nowhere is no JDK 17 or newer");
  }

  @Test
  void saysWhatToInstallWithoutAJdk() throws Exception {
    // Whatever JDKs this machine has are to be found, but as none.
    String script = Files.readString(SCRIPT).replace("bin/javac", "bin/no-such-compiler");
    Files.writeString(project.resolve("posthaste"), script);

    Ran ran =
        run(project, project.resolve("posthaste"), Map.of("POSTHASTE_JAVA_HOME", ""), "serve");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.output()).contains("no JDK 17 or newer", "apt install openjdk-17-jdk-headless");
  }

  @Test
  void saysWhatToInstallWithoutMaven() throws Exception {
    // What the script needs besides Maven, which may stand in /usr/bin too.
    Path bare = Files.createDirectories(directory.resolve("bare"));
    for (String tool :
        List.of(
            "bash",
            "sh",
            "env",
            "dirname",
            "readlink",
            "sed",
            "find",
            "head",
            "mkdir",
            "cat",
            "rm",
            "awk",
            "sleep")) {
      executable(bare.resolve(tool), "#!/bin/sh\nexec /usr/bin/" + tool + " \"$@\"\n");
    }

    Ran ran = run(project, project.resolve("posthaste"), Map.of("PATH", bare.toString()), "serve");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.output()).contains("mvn is missing", "apt install maven");
    assertThat(project.resolve("app/target/launcher.lock")).doesNotExist();
  }

  @Test
  void aFailedBuildShowsItsErrorsAndIsTriedAgain() throws Exception {
    Files.createFile(directory.resolve("fail"));
    Ran failed = run("serve");
    Files.delete(directory.resolve("fail"));
    Ran again = run("serve");

    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.output()).contains("[ERROR] no such thing", "app/target/build.log");
    assertThat(again.code()).isZero();
  }

  @Test
  void runsWhatIsThereWhenToldNotToBuild() throws Exception {
    Map<String, String> never = Map.of("POSTHASTE_BUILD", "never");

    assertThat(run(project, project.resolve("posthaste"), never, "version").output())
        .contains("nothing is built");
    run("version");
    Files.writeString(project.resolve("app/src/main/java/B.java"), "class B {}");
    assertThat(run(project, project.resolve("posthaste"), never, "version").code()).isZero();
    assertThat(builds()).hasSize(1);
  }
}
