package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands that talk to a server. */
final class CommandsTest {
  @TempDir Path directory = Path.of("");
  private PosthasteServer server = memoryServer(0);

  private static PosthasteServer memoryServer(int port) {
    return PosthasteServer.start(
        Settings.of(
            new Configuration(
                Map.of(
                    Setting.HTTP, List.of("127.0.0.1:" + port),
                    Setting.TCP, List.of("127.0.0.1:0"),
                    Setting.ENGINE, List.of("memory")),
                Map.of(),
                Map.of())));
  }

  private String url = "";

  @BeforeEach
  void find() {
    url = "http://127.0.0.1:" + server.http().orElseThrow().getPort();
  }

  @AfterEach
  void end() {
    server.close();
  }

  private String publish(String topic, String payload, String... more) throws IOException {
    Path file = Files.writeString(directory.resolve("payload"), payload);
    List<String> arguments =
        new ArrayList<>(List.of("publish", topic, file.toString(), "--url", url));
    arguments.addAll(List.of(more));
    Cli cli = Cli.run(arguments.toArray(String[]::new));
    assertThat(cli.err()).isEmpty();
    return cli.out().strip();
  }

  private Child subscribe(String... arguments) {
    return subscribeAt(url, arguments);
  }

  private Child subscribeAt(String url, String... arguments) {
    List<String> all = new ArrayList<>(List.of("subscribe", "--url", url));
    all.addAll(List.of(arguments));
    return Child.start(Map.of(), directory, all);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsPublishedArrivesByEachTechnique(Technique technique) throws Exception {
    publish("news/a", "earlier");
    try (Child reader =
        subscribeAt(
            technique == Technique.TCP
                ? "tcp://127.0.0.1:" + server.tcp().orElseThrow().getPort()
                : url,
            "news/#",
            "--via",
            technique.toString(),
            "--last",
            "1",
            "--interval",
            "50ms")) {
      await().atMost(Child.PATIENCE).until(() -> reader.out().size() == 1);
      publish("other", "not this");
      publish("news/b", "later");
      await().atMost(Child.PATIENCE).until(() -> reader.out().size() == 2);

      assertThat(reader.out().get(0))
          .matches("[-0-9]+T[:.0-9]+Z  news/a  earlier  \\([0-9]+ ms\\)");
      assertThat(reader.out().get(1)).contains("  news/b  later  (");
      reader.signal("INT");
      assertThat(reader.awaitExit()).isEqualTo(130);
      assertThat(reader.err()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aReaderComesBackByItsCursorWithoutGapOrRepetition(Technique technique) throws Exception {
    try (Child durable = Child.serve(directory);
        Child reader =
            Child.start(
                directory,
                "subscribe",
                "a",
                "--via",
                technique.toString(),
                "--after",
                "0",
                "--interval",
                "50ms",
                "--url",
                durable.url(technique))) {
      url = durable.url();
      publish("a", "one");
      await().atMost(Child.PATIENCE).until(() -> reader.out().size() == 1);
      durable.signal("TERM");
      durable.awaitExit();
      String place = url.substring("http://".length());
      try (Child again =
          Child.start(
              directory,
              "serve",
              "--http",
              place,
              "--tcp",
              durable.url(Technique.TCP).substring("tcp://".length()))) {
        again.awaitLine("ready");
        publish("a", "two");
        await().atMost(Child.PATIENCE).until(() -> reader.out().size() >= 2);
      }

      assertThat(reader.out()).hasSize(2);
      assertThat(reader.out().get(1)).contains("  two  ");
      assertThat(reader.err()).anyMatch(line -> line.startsWith("connection lost"));
      assertThat(reader.err()).noneMatch(line -> line.startsWith("missed"));
    }
  }

  @Test
  void aConnectionThatEndsRightBehindAMessageIsNoticed() throws Exception {
    URI address = URI.create(url);
    try (Balancer network = new Balancer()) {
      network.add(new InetSocketAddress(address.getHost(), address.getPort()));
      String through = "http://" + network.place();
      try (Child reader =
          Child.start(
              directory, "subscribe", "cut", "--via", "ws", "--after", "0", "--url", through)) {
        for (int i = 1; i <= 6; i++) { // a WebSocket of the JDK's misses one in five
          int count = i;
          publish("cut", "message " + i);
          network.cut();
          await().atMost(Child.PATIENCE).until(() -> reader.out().size() >= count);
        }
        assertThat(reader.out()).hasSize(6);
      }
    }
  }

  @Test
  void linesArePublishedAsTheyComeAndCounted() throws Exception {
    try (Child publisher = Child.start(directory, "publish", "log", "--lines", "--url", url);
        Child reader = subscribe("log", "--after", "0")) {
      publisher.type("first\n");
      await().atMost(Child.PATIENCE).until(() -> reader.out().size() == 1);
      publisher.type("second\r\n\nno end");
      publisher.endOfInput();

      assertThat(publisher.awaitExit()).isZero();
      assertThat(publisher.err()).singleElement().asString().startsWith("4 published in ");
      await().atMost(Child.PATIENCE).until(() -> reader.out().size() == 4);
      assertThat(reader.out())
          .map(line -> line.split("  ")[2])
          .containsExactly("first", "second", "", "no end");
    }
  }

  @Test
  void manyLinesKeepTheirOrder() throws Exception {
    int lines = 20_000;
    Path file = directory.resolve("many");
    Files.write(file, IntStream.range(0, lines).mapToObj(Integer::toString).toList());

    Cli published = Cli.run("publish", "many", file.toString(), "--lines", "--url", url);
    assertThat(published.err()).startsWith("20,000 published in ");
    Cli read =
        Cli.run("subscribe", "many", "--last", "1000", "--count", "1000", "--json", "--url", url);
    assertThat(read.out().lines().map(line -> line.replaceFirst(".*\"data\":\"([0-9]+)\".*", "$1")))
        .containsExactlyElementsOf(
            IntStream.range(lines - 1000, lines).mapToObj(Integer::toString).toList());
  }

  @Test
  void aLineThatIsRefusedIsNamed() throws Exception {
    Path file = Files.writeString(directory.resolve("lines"), "{\"a\":1}\nnot json\n[2]\n");

    Cli cli =
        Cli.run(
            "publish", "j", file.toString(), "--lines", "--type", "application/json", "--url", url);

    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.err()).contains("line 2: not JSON", "2 published, 1 refused");
  }

  @Test
  void linesThatAreNotTextComeAsTheyAre() throws Exception {
    Path file = directory.resolve("bytes");
    Files.write(file, new byte[] {(byte) 0xff, 0, '\n'});

    assertThat(Cli.run("publish", "b", file.toString(), "--lines", "--url", url).code()).isZero();
    assertThat(
            Cli.run("subscribe", "b", "--last", "1", "--count", "1", "--json", "--url", url).out())
        .contains("\"encoding\":\"base64\"", "\"data\":\"/wA=\"");
  }

  @Test
  void eachMessageIsGivenToACommand() throws Exception {
    String id = publish("config/app", "{\"a\":1}", "--type", "application/json");

    try (Child reader =
        subscribe(
            "config/#",
            "--last",
            "1",
            "--count",
            "1",
            "--exec",
            "cat > got; echo \"$POSTHASTE_TOPIC $POSTHASTE_ID\" > who; exit 3")) {
      assertThat(reader.awaitExit()).isZero();
      assertThat(directory.resolve("got")).hasContent("{\"a\":1}");
      assertThat(directory.resolve("who")).hasContent("config/app " + id);
      assertThat(reader.err()).containsExactly("--exec ended with 3 for " + id);
    }
  }

  @Test
  void aKeyMakesRepetitionHarmless() throws Exception {
    String first = publish("a", "x", "--key", "k");

    assertThat(publish("a", "x", "--key", "k")).isEqualTo(first);
    assertThat(Cli.run("topics", "--url", url).out()).isEqualTo("a\t" + first + "\n");
  }

  @Test
  void aConditionIsHeldTo() throws Exception {
    String first = publish("a", "1", "--if-match", "*");
    publish("a", "2", "--if-match", first);

    Cli late =
        Cli.run(
            "publish",
            "a",
            directory.resolve("payload").toString(),
            "--if-match",
            first,
            "--url",
            url);

    assertThat(late.code()).isEqualTo(1);
    assertThat(late.err()).contains("refuses: ");
  }

  @Test
  void aTerminalIsNotToldWhatToDoByOthers() throws Exception {
    publish("a", "\033[2Jgone\nline");

    Cli cli = Cli.run("subscribe", "a", "--last", "1", "--count", "1", "--url", url);

    assertThat(cli.out()).contains("\\u001b[2Jgone\\nline").doesNotContain("\033");
  }

  @Test
  void noServerIsExplained() {
    server.close();

    Cli cli = Cli.run("subscribe", "a", "--url", url);

    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.err())
        .contains(
            url
                + ": connection refused (expected: a server there; start one with: ./posthaste serve");
  }

  @Test
  void noServerOfTheBinaryProtocolIsExplained() {
    String tcp = "tcp://127.0.0.1:" + server.tcp().orElseThrow().getPort();
    server.close();

    Cli cli = Cli.run("subscribe", "a", "--via", "tcp", "--url", tcp);

    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.err()).contains(tcp + ": connection refused (expected: a server there");
  }

  @Test
  void aNameThatLeadsNowhereIsNoRefusal() {
    // Longer than a name may be, so nobody is asked about it.
    Cli cli = Cli.run("topics", "--url", "http://" + "a".repeat(64) + ".invalid");

    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.err()).contains(": unknown host (expected: an address, or a name");
  }

  @Test
  void aPublisherSaysThatItTriesAgainAndDoes() throws Exception {
    server.close();
    try (Child publisher = Child.start(directory, "publish", "a", "--url", url)) {
      publisher.type("hello");
      publisher.endOfInput();
      await().atMost(Child.PATIENCE).until(() -> publisher.err().size() == 1);
      assertThat(publisher.err().get(0))
          .isEqualTo(url + ": connection refused; trying again, for half a minute at most");
      server = memoryServer(Integer.parseInt(url.substring(url.lastIndexOf(':') + 1)));

      assertThat(publisher.awaitExit()).isZero();
      assertThat(publisher.out()).hasSize(1);
    }
  }

  @Test
  void aDataDirectoryThatIsNoneIsExplained() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");

    Cli cli = Cli.run("serve", "--http", "127.0.0.1:0", "--tcp", "off", "--data", file + "/below");

    assertThat(cli.code()).isEqualTo(1);
    assertThat(cli.err())
        .contains("/below cannot be used: ", "name another with --data")
        .doesNotContain("Exception");
  }

  @Test
  void jsonIsShownAsJsonWhateverItsTypeIsCalled() throws Exception {
    publish("a", "\"x\"", "--type", "text/json");

    Cli cli = Cli.run("subscribe", "a", "--last", "1", "--count", "1", "--url", url);

    assertThat(cli.out()).contains("  \"x\"  (");
  }

  @Test
  void theDoctorFindsAServerWell() {
    Cli cli = Cli.run("doctor", "--data", directory.toString(), "--url", url);

    assertThat(cli.out())
        .contains("disk syncs 4 KiB in ", "open files at most ")
        .contains(
            "long-poll: a message arrives at once",
            "sse: a message arrives at once",
            "ndjson: a message arrives at once",
            "ws: a message arrives at once");
    assertThat(Cli.run("topics", "posthaste-doctor", "--url", url).out().lines().count())
        .as("it leaves one deleted topic at most")
        .isLessThanOrEqualTo(1);
  }
}
