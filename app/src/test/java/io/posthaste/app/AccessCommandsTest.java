package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.testkit.NatsServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may what, said on the command line: by a server that runs, by none, by an administrator. */
@Timeout(120)
final class AccessCommandsTest {
  @TempDir private Path data;
  @TempDir private Path files;

  private Cli run(String... command) {
    String[] all = new String[command.length + 2];
    System.arraycopy(command, 0, all, 0, command.length);
    all[command.length] = "--data";
    all[command.length + 1] = data.toString();
    return Cli.run(all);
  }

  private String file(String text) {
    try {
      return Files.writeString(files.resolve(text), text).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PosthasteServer serve() {
    return serve(Map.of());
  }

  private PosthasteServer serve(Map<String, List<String>> more) {
    Map<String, List<String>> settings = new HashMap<>(more);
    settings.put("data", List.of(data.toString()));
    settings.put("http", List.of("127.0.0.1:0"));
    settings.put("tcp", List.of("127.0.0.1:0"));
    return PosthasteServer.start(settings);
  }

  private static String url(PosthasteServer server) {
    return "http://127.0.0.1:" + server.http().orElseThrow().getPort();
  }

  @Test
  void saysWhoMayWhatBeforeAServerIsStarted() {
    assertThat(run("user", "add", "alice", "--no-password").out())
        .contains("alice was added, as the first and so as an administrator");
    assertThat(run("user", "add", "shop", "--service", "--no-password").out())
        .contains("shop was added, and may nothing yet");
    assertThat(run("grant", "add", "shop", "publish", "orders/#").out())
        .isEqualToIgnoringNewLines("shop may now publish orders/#");
    Cli made = run("key", "create", "shop", "--expires", "90d");
    assertThat(made.err()).contains("it is not shown again");
    String key = made.out().strip();
    assertThat(key).startsWith("ph_").doesNotContain(" ");

    try (PosthasteServer server = serve()) {
      assertThat(Cli.run("publish", "orders/1", file("x"), "--url", url(server)).code())
          .isEqualTo(1);
      assertThat(Cli.run("publish", "orders/1", file("x"), "--url", url(server), "--api-key", key))
          .extracting(Cli::code, Cli::err)
          .containsExactly(0, "");
      assertThat(
              Cli.run("publish", "other", file("x"), "--url", url(server), "--api-key", key).err())
          .contains("publish on \"other\" is not granted to shop");
    }
  }

  @Test
  void hasTheServerThatRunsDoIt() {
    try (PosthasteServer server = serve()) {
      assertThat(run("user", "add", "alice", "--no-password").code()).isZero();
      String alice = run("key", "create", "alice", "--name", "laptop").out().strip();

      assertThat(run("user", "list").out()).contains("alice").contains("yes");
      assertThat(run("key", "list").out())
          .contains("laptop")
          .contains("never")
          .doesNotContain(alice.substring(alice.indexOf('_', 3) + 1));
      Cli signing = run("key", "create", "alice", "--name", "config", "--signing");
      assertThat(signing.err()).contains("of alice signs with this secret");
      assertThat(signing.out()).startsWith("phs_");
      assertThat(run("key", "list").out())
          .containsPattern("config +signing")
          .doesNotContain(signing.out().strip());
      assertThat(run("grant", "list").out()).isEqualToIgnoringNewLines("alice\tadminister\t#");

      assertThat(Cli.run("user", "add", "bob", "--no-password", "--url", url(server)).err())
          .contains("--url says where, but not who asks");
      Cli added =
          Cli.run("user", "add", "bob", "--no-password", "--url", url(server), "--api-key", alice);
      assertThat(added.out()).contains("bob was added");
      assertThat(Cli.run("topics", "--url", url(server), "--api-key", alice).code()).isZero();
      assertThat(Cli.run("connections", "--url", url(server), "--api-key", alice).code()).isZero();
      assertThat(
              Cli.run("publish", "a", file("hello"), "--url", url(server), "--api-key", alice)
                  .code())
          .isZero();
      for (String technique : List.of("poll", "sse", "ndjson", "ws", "tcp")) {
        String at =
            technique.equals("tcp")
                ? "tcp://127.0.0.1:" + server.tcp().orElseThrow().getPort()
                : url(server);
        Cli read =
            Cli.run(
                "subscribe",
                "a",
                "--last",
                "1",
                "--count",
                "1",
                "--via",
                technique,
                "--url",
                at,
                "--api-key",
                alice);
        assertThat(read.out()).as(technique).contains("hello");
        assertThat(
                Cli.run(
                        "subscribe",
                        "a",
                        "--last",
                        "1",
                        "--count",
                        "1",
                        "--via",
                        technique,
                        "--url",
                        at)
                    .code())
            .as(technique)
            .isEqualTo(1);
      }

      assertThat(run("grant", "add", "bob", "read", "inbox/{id}/#").code()).isZero();
      assertThat(run("grant", "list", "bob").out()).contains("read\tinbox/{id}/#");
      assertThat(run("grant", "remove", "bob", "read", "inbox/{id}/#").out())
          .contains("bob may no longer read");
      assertThat(run("grant", "list", "bob").out()).isEmpty();

      assertThat(run("key", "revoke", alice).out()).contains("was revoked");
      assertThat(Cli.run("topics", "--url", url(server), "--api-key", alice).err())
          .contains("the key is not known");
      assertThat(run("user", "remove", "bob").out()).contains("bob was removed");
      assertThat(run("user", "remove", "alice"))
          .extracting(Cli::code, Cli::err)
          .satisfies(said -> assertThat(said.get(1).toString()).contains("last administrator"));
    }
  }

  @Test
  void tellsWhoChangedWhatAndWhoCouldNotProveWhoHeIs() {
    try (PosthasteServer server = serve()) {
      assertThat(run("user", "add", "alice", "--no-password").code()).isZero();
      String alice = run("key", "create", "alice", "--name", "laptop").out().strip();
      assertThat(
              Cli.run(
                      "grant",
                      "add",
                      "bob",
                      "read",
                      "inbox/{id}/#",
                      "--url",
                      url(server),
                      "--api-key",
                      alice)
                  .code())
          .isZero();
      assertThat(run("grant", "add", "bob", "read", "a/#/b").code()).isEqualTo(1);
      String wrong = alice.substring(0, alice.indexOf('_', 3) + 1) + "wrong";
      assertThat(Cli.run("topics", "--url", url(server), "--api-key", wrong).code()).isEqualTo(1);

      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> run("audit").out().contains("proof.failed"));
      List<String> lines = run("audit").out().lines().toList();
      assertThat(lines).hasSize(4);
      assertThat(lines.get(0)).contains("user.add", "by=", "from=127.0.0.1", "user=alice");
      assertThat(lines.get(1)).contains("key.create", "user=alice", "name=laptop");
      assertThat(lines.get(2))
          .contains("grant.add", "by=alice", "door=http", "user=bob", "pattern=inbox/{id}/#");
      assertThat(lines.get(3)).contains("count=1", "as={\"key " + alice.split("_")[1] + "\":1}");
      String secret = alice.substring(alice.indexOf('_', 3) + 1);
      assertThat(lines).noneMatch(line -> line.contains(secret));

      Cli read =
          Cli.run(
              "subscribe",
              "$audit/access",
              "--last",
              "1",
              "--count",
              "1",
              "--url",
              url(server),
              "--api-key",
              alice);
      assertThat(read.out()).contains("proof.failed");
      run("user", "add", "bob", "--no-password");
      String bob = run("key", "create", "bob").out().strip();
      assertThat(Cli.run("audit", "--url", url(server), "--api-key", bob).err())
          .contains("$audit/access");
    }
  }

  @Test
  void makesATokenThatAServerWithTheSameSecretBelieves() throws Exception {
    Cli made = run("token", "till-7", "--publish", "sales/{id}", "--ttl", "2h");
    Path secret = data.resolve("jwt-secret");
    assertThat(made).extracting(Cli::code).isEqualTo(0);
    assertThat(made.err()).contains("a token of till-7", "--jwt-secret " + secret + " is given");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
        .isEqualTo("rw-------");
    String first = Files.readString(secret);
    assertThat(made.out() + made.err()).doesNotContain(first.strip());
    assertThat(run("token", "till-8").code()).isZero();
    assertThat(Files.readString(secret)).isEqualTo(first);
    Cli none = run("token", "till-9", "--jwt-secret", data.resolve("none").toString());
    assertThat(none.err()).contains("expected: a file with 32 bytes or more");
    assertThat(run("token", "a b").err()).contains("id: \"a b\"");
    assertThat(run("token", "till-7", "--ttl", "x").err()).contains("expected: a time such as 10m");

    run("user", "add", "alice", "--no-password");
    try (PosthasteServer server = serve(Map.of("jwt-secret", List.of(secret.toString())))) {
      String token = made.out().strip();
      assertThat(
              Cli.run(
                      "publish",
                      "sales/till-7",
                      file("x"),
                      "--url",
                      url(server),
                      "--api-key",
                      token)
                  .code())
          .isZero();
      assertThat(
              Cli.run(
                      "publish",
                      "sales/till-8",
                      file("x"),
                      "--url",
                      url(server),
                      "--api-key",
                      token)
                  .err())
          .contains("is not granted to till-7");
    }
  }

  /** Where no server runs, the command itself is one of the cluster for a moment. */
  @Test
  void saysWhoMayWhatInACluster() throws Exception {
    try (NatsServers nats = NatsServers.single()) {
      String engine = "--engine=" + nats.urls();
      assertThat(run("user", "add", "alice", "--no-password", engine).out())
          .contains("as the first and so as an administrator");
      String alice = run("key", "create", "alice", engine).out().strip();
      assertThat(run("user", "add", "shop", "--service", "--no-password", engine).code()).isZero();
      assertThat(run("grant", "add", "shop", "publish", "orders/#", engine).out())
          .contains("shop may now publish orders/#");
      String shop = run("key", "create", "shop", engine).out().strip();
      try (PosthasteServer server = serve(Map.of("engine", List.of(nats.urls())))) {
        assertThat(Cli.run("user", "list", "--url", url(server), "--api-key", alice).out())
            .contains("alice", "shop");
        assertThat(publish(server, shop).code()).isZero();

        String called = shop.split("_")[1];
        assertThat(run("key", "revoke", called, engine).out()).contains("was revoked");
        assertThat(run("audit", engine).out())
            .contains("user.add", "key.create", "grant.add", "key.revoke", called);
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> publish(server, shop).err().contains("the key is not known"));
      }
    }
  }

  private Cli publish(PosthasteServer server, String key) {
    return Cli.run("publish", "orders/1", file("x"), "--url", url(server), "--api-key", key);
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(run("user", "add", "shop", "--service", "--no-password").err())
        .contains("would be the first, and so an administrator")
        .contains("./posthaste user add NAME first");
    assertThat(run("user", "add", "alice", "--no-password").code()).isZero();
    assertThat(run("user", "add", "alice", "--no-password").err()).contains("known already");
    assertThat(run("grant", "add", "alice", "write", "a").err())
        .contains("expected: read, publish or administer");
    assertThat(run("grant", "add", "alice", "read", "a/#/b").err()).contains("'#'");
    assertThat(run("key", "create", "nobody").err()).contains("is not known");
    assertThat(run("key", "create", "alice", "--expires", "soon"))
        .satisfies(said -> assertThat(said.err()).contains("expected: 90d, 12h"))
        .satisfies(said -> assertThat(said.code()).isEqualTo(2));
    assertThat(Cli.run("grant", "--help").out()).contains("inbox/{id}/#");
    assertThat(Cli.run("user").code()).isEqualTo(2);
  }
}
