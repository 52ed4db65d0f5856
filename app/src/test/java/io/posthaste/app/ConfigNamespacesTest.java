package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./posthaste config namespaces}. */
final class ConfigNamespacesTest {
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

  private Cli namespaces(String... arguments) {
    List<String> all = new ArrayList<>(List.of("namespaces"));
    all.addAll(List.of(arguments));
    return config(all.toArray(String[]::new));
  }

  private void says(String expected, String... arguments) {
    Cli done = namespaces(arguments);
    assertThat(done.err()).isEmpty();
    assertThat(done.out()).isEqualTo(expected);
  }

  @Test
  void makesDescribesLimitsListsAndRemoves() throws Exception {
    says("", "create", "shop", "--title", "The shop", "--configs", "1", "--comment", "a new team");
    assertThat(namespaces("create", "shop").err()).contains("not what was asked for");
    says("", "describe", "shop", "--description", "what is sold");
    says("1 config\n", "quota", "shop");
    says("", "quota", "shop", "--bytes", "1k", "--bytes-of-one", "16");
    says("1 config, 1024 bytes, 16 each\n", "quota", "shop");

    String file = Files.writeString(directory.resolve("a"), "price: 1").toString();
    String large = Files.writeString(directory.resolve("b"), "x".repeat(17)).toString();
    assertThat(config("set", "a.yaml", "--namespace", "shop", "--file", file).err()).isEmpty();
    assertThat(config("set", "a.yaml", "--namespace", "shop", "--file", large).err())
        .contains("at most 16 each, by its quota");
    assertThat(config("set", "b.yaml", "--namespace", "shop", "--file", file).err())
        .contains("has 1 config (expected: at most 1, by its quota)");
    await()
        .untilAsserted(
            () ->
                assertThat(namespaces("list").out())
                    .containsPattern(
                        "shop +1 +8 1 config, 1024 bytes, 16 each +The shop: what is sold\n"));
    assertThat(namespaces("list", "--json").out())
        .contains("{\"namespace\":\"public\",\"configs\":0,\"bytes\":0}\n");

    says("", "quota", "shop", "--configs", "none", "--bytes", "none");
    says("16 each\n", "quota", "shop");
    assertThat(namespaces("remove", "shop").err()).contains("has 1 config (expected: none");
    config("delete", "a.yaml", "--namespace", "shop");
    await().untilAsserted(() -> says("", "remove", "shop"));
    assertThat(namespaces("quota", "shop").err()).contains("there is no namespace");
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThat(namespaces("create", "a/b").err()).contains("namespace: \"a/b\" (expected");
    assertThat(namespaces("create", "shop", "--configs", "many").err())
        .contains("--configs many (expected: a number, or none)");
    assertThat(namespaces("quota", "shop", "--bytes", "lots").err())
        .contains("--bytes lots (expected: a size such as 64k");
    assertThat(namespaces("describe", "shop").err()).contains("expected: --title or");
  }
}
