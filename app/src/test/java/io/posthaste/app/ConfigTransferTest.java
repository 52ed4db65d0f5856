package io.posthaste.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.posthaste.config.ConfigKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configs brought in, brought out, compared, looked for and edited by the command line. */
final class ConfigTransferTest {
  private static @Nullable PosthasteServer server;

  @TempDir private Path directory;

  @BeforeAll
  static void start() {
    server = ConfigCli.server();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static Cli config(String... arguments) {
    return ConfigCli.run(Objects.requireNonNull(server), arguments);
  }

  /** What the command reads from who runs it. */
  private static Cli answering(String answer, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(answer.getBytes(UTF_8)));
    try {
      return config(arguments);
    } finally {
      System.setIn(before);
    }
  }

  private Path zip(String name, String... namesAndTexts) throws IOException {
    Path file = directory.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
        zip.write(namesAndTexts[i + 1].getBytes(UTF_8));
      }
    }
    return file;
  }

  private static String get(String namespace, String group, String name) {
    return config("get", name, "--group", group, "--namespace", namespace).out();
  }

  private static Cli in(Path file, String namespace, String... more) {
    List<String> all =
        new ArrayList<>(List.of("import", file.toString(), "--namespace", namespace));
    all.addAll(Arrays.asList(more));
    return config(all.toArray(String[]::new));
  }

  @Test
  void whatWouldBeAHiddenFileIsNotExportedAsOne() throws Exception {
    Path content = Files.writeString(directory.resolve("content"), "1");
    assertThat(config("set", ".env", "--namespace", "dots", "--file", content.toString()).code())
        .isZero();
    Path folder = directory.resolve("dots");
    assertThat(config("export", folder.toString(), "--namespace", "dots").err())
        .contains("would be a hidden file", "expected: a .zip");
    assertThat(config("export", folder + ".zip", "--namespace", "dots").code()).isZero();
    assertThat(in(directory.resolve("dots.zip"), "back").code()).isZero();
    assertThat(get("back", "DEFAULT_GROUP", ".env")).isEqualTo("1");
  }

  @Test
  void whatNacosExportsIsImportedAndExportedTheSame() throws Exception {
    String metadata =
        "metadata:\n- appName: 'shop'\n  dataId: a.cfg\n  desc: 'prices, 中文'\n  group: G\n  type: yaml\n"
            + "- {dataId: b, group: H, type: properties}\n";
    Path file =
        zip(
            "n.zip",
            "G/a.cfg",
            "价: 1\n",
            "H/b",
            "k=v",
            "H/c.json",
            "{}",
            ".metadata.yml",
            metadata);
    Cli dry = in(file, "nacos", "--dry-run");
    assertThat(dry.out())
        .isEqualTo(
            "+ G/a.cfg\n+ H/b\n+ H/c.json\nwould be published: 3, kept: 0, the same already: 0\n");
    assertThat(config("list", "--namespace", "nacos").out()).isEmpty();

    assertThat(in(file, "nacos").out()).endsWith("published: 3, kept: 0, the same already: 0\n");
    assertThat(get("nacos", "G", "a.cfg")).isEqualTo("价: 1\n");
    assertThat(in(file, "nacos").out()).isEqualTo("published: 0, kept: 0, the same already: 3\n");
    assertThat(config("history", "a.cfg", "--group", "G", "--namespace", "nacos").out().strip())
        .endsWith("imported from n.zip");

    Path out = directory.resolve("out.zip");
    assertThat(config("export", out.toString(), "--namespace", "nacos").out())
        .isEqualTo("written: 3\n");
    assertThat(config("export", out.toString(), "--namespace", "nacos").err())
        .contains("is there already");
    Map<String, Map<String, String>> said = new TreeMap<>();
    for (StoredConfig config : ConfigArchive.read(out, "x", null)) {
      said.put(config.key().toString(), config.headers());
      assertThat(config.content())
          .isEqualTo(get("nacos", config.key().group(), config.key().name()));
    }
    assertThat(said)
        .containsEntry(
            "x/G/a.cfg",
            Map.of("format", "yaml", "application", "shop", "description", "prices, 中文"))
        .containsEntry("x/H/b", Map.of("format", "properties"))
        .containsEntry("x/H/c.json", Map.of("format", "json"));
  }

  @Test
  void whatNacosExportedBeforeIsImportedToo() throws Exception {
    Path file = zip("old.zip", "G/a.b.yaml", "x: 1", ".meta.yml", "G.a.b~yaml.app=shop\r\n");
    assertThat(ConfigArchive.read(file, null, null))
        .singleElement()
        .isEqualTo(
            StoredConfig.of(
                new ConfigKey("public", "G", "a.b.yaml"),
                "x: 1",
                Map.of("format", "yaml", "application", "shop")));
  }

  @Test
  void whatApolloExportsIsImportedEnvironmentByEnvironment() throws Exception {
    Path file =
        zip(
            "apollo.zip",
            "alice/shop/app.metadata",
            "{}",
            "shop+extra.appnamespace.metadata",
            "{}",
            "alice/shop/DEV/default.cluster.metadata",
            "{}",
            "alice/shop/DEV/shop+default+application.properties",
            "a = 1\n",
            "alice/shop/PRO/shop+default+application.properties",
            "a = 2\n",
            "alice/shop/PRO/shop+east+extra.yml",
            "b: 3");
    assertThat(config("import", file.toString()).err())
        .contains("has the environments DEV, PRO (expected: --env with one)");
    assertThat(config("import", file.toString(), "--env", "pro").out()).contains("published: 2");
    assertThat(get("public", "shop", "application.properties")).isEqualTo("a = 2\n");
    assertThat(get("east", "shop", "extra.yml")).isEqualTo("b: 3");
    assertThat(config("import", file.toString(), "--env", "uat").err()).contains("no environment");
    assertThat(in(file, "one", "--env", "pro").out()).contains("published: 2");

    Path twice =
        zip(
            "twice.zip",
            "alice/shop/DEV/shop+default+application.properties",
            "a = 1\n",
            "bob/shop/DEV/shop+default+application.properties",
            "a = 2\n");
    assertThat(config("import", twice.toString()).err())
        .contains("has public/shop/application.properties twice");
  }

  @Test
  void thePolicySaysWhatBecomesOfWhatIsThere() throws Exception {
    in(zip("1.zip", "G/a", "one", "G/b", "two\n"), "policy");
    Path next = zip("2.zip", "G/b", "two\nand more\n", "G/c", "three");
    Cli abort = in(next, "policy");
    assertThat(abort.code()).isEqualTo(1);
    assertThat(abort.out()).isEqualTo("~ G/b (1 line)\n");
    assertThat(abort.err()).contains("nothing was published", "--policy skip to keep them");
    assertThat(config("list", "--namespace", "policy").out()).doesNotContain("\tc\t");
    assertThat(in(next, "policy", "--policy", "skip").out())
        .isEqualTo("- G/b is kept\n+ G/c\npublished: 1, kept: 1, the same already: 0\n");
    assertThat(in(next, "policy", "--policy", "overwrite").out())
        .isEqualTo("~ G/b (1 line)\npublished: 1, kept: 0, the same already: 1\n");
    assertThat(get("policy", "G", "b")).isEqualTo("two\nand more\n");
    assertThat(in(next, "policy", "--policy", "merge").code()).isEqualTo(2);

    assertThat(config("clone", "policy", "policy2", "--name", "b").out())
        .isEqualTo("+ G/b\npublished: 1, kept: 0, the same already: 0\n");
    assertThat(get("policy2", "G", "b")).isEqualTo("two\nand more\n");
    assertThat(config("clone", "nowhere", "policy2").err()).contains("has no such configs");
    assertThat(config("clone", "a", "a").code()).isEqualTo(2);
  }

  @Test
  void archivesThatShouldNotBeUnpackedAreRefusedAndNothingIsPublished() throws Exception {
    for (String out : List.of("../G/a", "/G/a", "G/../../a", "G\\..\\..\\a")) {
      Cli refused = in(zip("out.zip", "G/ok", "x", out, "y"), "bad");
      assertThat(refused.code()).as(out).isEqualTo(1);
      assertThat(refused.err()).as(out).contains("leads out of the archive");
    }
    assertThat(in(zip("deep.zip", "a/b/c", "x"), "bad").err()).contains("expected: GROUP/NAME");
    assertThat(in(zip("name.zip", "G/a b", "x"), "bad").err()).contains("letters, digits");
    assertThat(in(Files.writeString(directory.resolve("no.zip"), "x"), "bad").err())
        .contains("is no zip file");
    String large = "0".repeat(ConfigArchive.LARGEST_CONFIG_BYTES);
    assertThat(in(zip("large.zip", "G/a", large + "0"), "bad").err()).contains("is larger than");
    String[] bomb = new String[54];
    for (int i = 0; i < bomb.length; i += 2) {
      bomb[i] = "G/a" + i;
      bomb[i + 1] = large;
    }
    Path file = zip("bomb.zip", bomb);
    assertThat(Files.size(file)).isLessThan(1 << 20);
    assertThat(in(file, "bad").err()).contains("unpacks to more than");
    assertThat(config("list", "--namespace", "bad").out()).isEmpty();
  }

  @Test
  void whateverAnArchiveIsItIsReadOrRefused() throws Exception {
    String metadata = "metadata:\n- {dataId: a, group: G, type: yaml}\n";
    byte[] good = Files.readAllBytes(zip("good.zip", "G/a", "x", ".metadata.yml", metadata));
    Random random = new Random(Long.getLong("posthaste.seed", 5));
    Path file = directory.resolve("fuzzed.zip");
    int read = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes =
          Arrays.copyOf(good, random.nextInt(10) == 0 ? random.nextInt(good.length) : good.length);
      for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Files.write(file, bytes);
      try {
        ConfigArchive.read(file, "x", null);
        read++;
      } catch (CommandFailure refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
    assertThat(read).isBetween(100, 1_900);
  }

  @Test
  void aFolderIsImportedAndFollowed() throws Exception {
    Path folder = Files.createDirectories(directory.resolve("checkout"));
    Files.createDirectories(folder.resolve(".git"));
    Files.writeString(folder.resolve(".git/HEAD"), "x");
    Files.writeString(folder.resolve(".editorconfig"), "x");
    Files.createDirectories(folder.resolve("G"));
    Files.writeString(folder.resolve("G/a.yaml"), "v: 1");
    Files.writeString(directory.resolve("secret"), "secret");
    Files.createSymbolicLink(folder.resolve("G/link"), directory.resolve("secret"));
    AtomicReference<@Nullable Cli> ended = new AtomicReference<>();
    Thread watching =
        new Thread(() -> ended.set(in(folder, "git", "--policy", "overwrite", "--watch")));
    watching.start();
    await().atMost(Child.PATIENCE).until(() -> get("git", "G", "a.yaml").equals("v: 1"));
    Files.writeString(folder.resolve("G/a.yaml"), "v: 2");
    Files.writeString(folder.resolve("G/b.yaml"), "w: 1");
    await().atMost(Child.PATIENCE).until(() -> get("git", "G", "a.yaml").equals("v: 2"));
    await().atMost(Child.PATIENCE).until(() -> get("git", "G", "b.yaml").equals("w: 1"));
    watching.interrupt();
    watching.join();
    Cli said = Objects.requireNonNull(ended.get());
    assertThat(said.out()).contains("+ G/a.yaml\n", "watching ", "~ G/a.yaml (1 line)\n");
    assertThat(config("list", "--namespace", "git").out().lines()).hasSize(2);

    Path copy = directory.resolve("copy");
    config("export", copy.toString(), "--namespace", "git");
    assertThat(copy.resolve("G/a.yaml")).hasContent("v: 2");
    Files.writeString(folder.resolve("stray"), "x");
    assertThat(in(folder, "git").err()).contains("stray is no config (expected: ");
    assertThat(in(folder, "git", "--watch").err()).contains("--policy overwrite with it");
    assertThat(in(folder, "no such").code()).isNotZero();
  }

  @Test
  void differencesAreShownAsDiffShowsThem() throws Exception {
    Path file = Files.writeString(directory.resolve("mine"), "a\nc\n");
    config("set", "d", "--file", file.toString());
    Files.writeString(file, "a\nb\nc\n");
    config("set", "d", "--file", file.toString());
    Cli last = config("diff", "d");
    assertThat(last.code()).isEqualTo(1);
    assertThat(last.out())
        .startsWith("--- DEFAULT_GROUP/d ")
        .endsWith("@@ -1,2 +1,3 @@\n a\n+b\n c\n");
    assertThat(config("diff", "d", "--file", file.toString()).code()).isZero();
    assertThat(config("diff", "d", "--against-namespace", "elsewhere").out()).contains("+b\n");
    assertThat(config("diff", "nothing").err())
        .contains("there is no config public/DEFAULT_GROUP/");
    Cli illegal = config("diff", "d", "--against-namespace", "no such");
    assertThat(illegal.code()).isEqualTo(2);
    assertThat(illegal.err()).contains("letters, digits");
    assertThat(config("diff", "d", "--from", "x").err()).contains("no version that is kept");
  }

  @Test
  void aTextIsFoundInNamesAndContents() throws Exception {
    in(zip("s.zip", "G/jdbc.yaml", "url: 1\n  JDBC: x\n", "G/other", "none"), "search");
    assertThat(config("search", "jdbc", "--namespace", "search").out())
        .isEqualTo("search/G/jdbc.yaml\nsearch/G/jdbc.yaml:2: JDBC: x\n");
    assertThat(config("search", "jdbc", "--namespace", "*", "--name-only").out())
        .isEqualTo("search/G/jdbc.yaml\n");
    Cli cut = config("search", "jdbc", "--namespace", "search", "--limit", "1");
    assertThat(cut.err()).contains("there is more");
    assertThat(config("search", "nowhere to be found").err()).contains("nothing in the namespace");
  }

  @Test
  void whatIsEditedIsPublishedIfNobodyCameBetween() throws Exception {
    Path editor = directory.resolve("editor");
    Files.writeString(editor, "#!/bin/sh\nprintf 'w: 2\\n' >> \"$1\"\n");
    assertThat(editor.toFile().setExecutable(true)).isTrue();
    Cli made = config("edit", "e.yaml", "--editor", editor.toString(), "--yes", "--format", "yaml");
    assertThat(made.err()).isEmpty();
    assertThat(made.out()).contains("+w: 2\n", "published ");
    assertThat(get("public", "DEFAULT_GROUP", "e.yaml")).isEqualTo("w: 2\n");
    Cli asked = answering("no\n", "edit", "e.yaml", "--editor", editor.toString());
    assertThat(asked.out()).contains("publish this? [y/N]");
    assertThat(asked.err()).contains("what you wrote is in ");
    assertThat(get("public", "DEFAULT_GROUP", "e.yaml")).isEqualTo("w: 2\n");
    Cli agreed = answering("y\n", "edit", "e.yaml", "--editor", editor.toString());
    assertThat(agreed.out()).contains("published ");
    assertThat(get("public", "DEFAULT_GROUP", "e.yaml")).isEqualTo("w: 2\nw: 2\n");
    assertThat(config("edit", "e.yaml", "--editor", "true").out()).contains("nothing was changed");
    assertThat(config("edit", "e.yaml", "--editor", "/no/such").err())
        .contains("cannot be started");
    assertThat(config("edit", "e.yaml", "--editor", "false").err()).contains("ended with 1");
  }

  @Test
  void namesThatNoFileShouldHaveAreNotWritten() {
    StoredConfig out = StoredConfig.of(new ConfigKey("public", "..", "a"), "x", Map.of());
    assertThatThrownBy(() -> ConfigFolder.write(directory.resolve("w"), List.of(out)))
        .hasMessageContaining("can be no file");
  }
}
