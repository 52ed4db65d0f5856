package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} as a process. */
final class ServeTest {
  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

  @TempDir Path directory = Path.of("");
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void saysWhenItIsReadyAndIs() throws Exception {
    try (Child server = Child.serve(directory)) {
      assertThat(server.out().get(0))
          .matches("ready http=127\\.0\\.0\\.1:[0-9]+ tcp=127\\.0\\.0\\.1:[0-9]+ in [0-9]+ ms");
      assertThat(server.out()).as("no hints where nobody reads them").hasSize(1);
      assertThat(get(server.url() + "/readyz").statusCode()).isEqualTo(200);
      assertThat(get(server.url() + "/metrics").body())
          .contains("posthaste_readers 0", "posthaste_log_syncs_total");
      assertThat(directory.resolve("posthaste-data/FORMAT")).exists();
    }
  }

  @Test
  void theFirstLookAtTheMetricsShowsWhatWasWritten() throws Exception {
    try (Child server = Child.serve(directory)) {
      var publish =
          HttpRequest.newBuilder(URI.create(server.url() + "/v1/topics/a"))
              .POST(HttpRequest.BodyPublishers.ofString("x".repeat(1_000)))
              .build();
      assertThat(http.send(publish, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(201);

      String metrics = get(server.url() + "/metrics").body();

      assertThat(metrics).contains("posthaste_log_messages_total 1.0");
      assertThat(metrics).containsPattern("posthaste_log_written_bytes_total 1[0-9]{3}\\.0");
    }
  }

  @Test
  void hintsCanBeFollowedAsPrinted() throws Exception {
    try (Child server = Child.serve(directory, "--hints")) {
      await()
          .until(() -> server.out().stream().filter(line -> line.contains("curl ")).count() == 3);
      List<String> curls =
          server.out().stream().filter(line -> line.contains("curl ")).map(String::strip).toList();
      Process reading = new ProcessBuilder("sh", "-c", curls.get(0)).start();
      try (var events = reading.inputReader()) {
        assertThat(events.readLine()).as("the stream stands").isNotNull();
        assertThat(run(curls.get(1))).contains("\"topic\":\"news/today\"");
        String line = events.readLine();
        while (!line.startsWith("data:")) {
          line = events.readLine();
        }
        assertThat(line).contains("\"data\":\"hello\"");
      } finally {
        reading.destroy();
      }
      assertThat(run(curls.get(2))).isEqualTo("hello");
    }
  }

  private static String run(String command) throws IOException {
    Process process = new ProcessBuilder("sh", "-c", command).start();
    return new String(process.getInputStream().readAllBytes());
  }

  @Test
  void endsWithZeroWithinFiveSecondsWhileStreamsAreOpen() throws Exception {
    for (String signal : List.of("TERM", "INT")) {
      try (Child server = Child.serve(directory);
          Child sse = reader(server, "sse");
          Child webSocket = reader(server, "ws");
          Child tcp = reader(server, "tcp");
          Child longPoll = reader(server, "long-poll")) {
        await()
            .atMost(Child.PATIENCE)
            .until(() -> get(server.url() + "/metrics").body().contains("posthaste_readers 4.0"));

        server.signal(signal);

        assertThat(server.awaitExit(FIVE_SECONDS.plusSeconds(1))).as(signal).isZero();
        assertThat(server.err()).filteredOn(line -> line.contains("ERROR")).isEmpty();
        for (Child reader : List.of(sse, webSocket, tcp, longPoll)) {
          assertThat(reader.isAlive()).as("tries to come back").isTrue();
        }
      }
    }
  }

  private Child reader(Child server, String technique) {
    return Child.start(
        directory,
        "subscribe",
        "a",
        "--via",
        technique,
        "--url",
        technique.equals("tcp") ? server.url(Technique.TCP) : server.url());
  }

  @Test
  void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
    String id;
    try (Child server = Child.serve(directory)) {
      Path payload = Files.writeString(directory.resolve("payload.txt"), "kept");
      id = Cli.run("publish", "a", payload.toString(), "--url", server.url()).out().strip();
      server.signal("KILL");
      assertThat(server.awaitExit()).isNotZero();
    }
    try (Child server = Child.serve(directory)) {
      Cli read =
          Cli.run("subscribe", "a", "--last", "1", "--count", "1", "--json", "--url", server.url());
      assertThat(read.out()).contains("\"id\":\"" + id + "\"", "\"data\":\"kept\"");
    }
  }

  @Test
  void aTakenPortIsExplained() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Child server =
            Child.start(
                directory,
                "serve",
                "--tcp",
                "off",
                "--http",
                "127.0.0.1:" + taken.getLocalPort())) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.err())
          .anyMatch(
              line ->
                  line.matches(
                      ".*127\\.0\\.0\\.1:%d is in use by process %d \\(java\\) \\(expected: a free port; try --http 127\\.0\\.0\\.1:[0-9]+\\)"
                          .formatted(taken.getLocalPort(), ProcessHandle.current().pid())));
    }
  }

  @Test
  void aDataDirectoryHasOneServer() throws Exception {
    try (Child first = Child.serve(directory);
        Child second = Child.start(directory, "serve", "--tcp", "off", "--http", "127.0.0.1:0")) {
      assertThat(second.awaitExit()).isEqualTo(1);
      assertThat(second.err())
          .anyMatch(
              line ->
                  line.contains(
                      "posthaste-data is in use by another process (expected: one server"));
      assertThat(first.isAlive()).isTrue();
    }
  }

  @Test
  void settingsComeFromTheEnvironmentToo() throws Exception {
    try (Child printing =
        Child.start(
            Map.of("POSTHASTE_HTTP", "127.0.0.1:1234", "POSTHASTE_KEEP", "a=count:1;b=count:2"),
            directory,
            List.of("serve", "--print-config", "--stall", "7s"))) {
      assertThat(printing.awaitExit()).isZero();
      assertThat(printing.out())
          .contains(
              "http: 127.0.0.1:1234  # POSTHASTE_HTTP",
              "  - b=count:2  # POSTHASTE_KEEP",
              "stall: 7s  # --stall",
              "engine: embedded  # default");
    }
  }

  @Test
  void policiesHold() throws Exception {
    try (Child server = Child.serve(directory, "--engine", "memory", "--keep", "small/#=max:10")) {
      Path payload = Files.writeString(directory.resolve("payload.txt"), "more than ten bytes");

      Cli refused = Cli.run("publish", "small/a", payload.toString(), "--url", server.url());

      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err()).contains("refuses: ", "10");
      assertThat(Cli.run("publish", "large", payload.toString(), "--url", server.url()).code())
          .isZero();
    }
  }

  @Test
  void isBackedUpWhileItRunsAndRestored() throws Exception {
    Path data = directory.resolve("posthaste-data");
    Path backup = directory.resolve("backup");
    Path payload = Files.writeString(directory.resolve("payload.txt"), "before");
    try (Child server = Child.serve(directory)) {
      Cli.run("publish", "a", payload.toString(), "--url", server.url());
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("control"))))
          .isEqualTo("rw-------");

      assertThat(Cli.run("backup", backup.toString(), "--data", data.toString()))
          .isEqualTo(new Cli(0, backup + "\n", ""));
      assertThat(Cli.run("backup", backup.toString(), "--data", data.toString()).err())
          .contains("is not empty");
      String secret = Files.readAllLines(data.resolve("control")).get(1);
      HttpRequest again =
          HttpRequest.newBuilder(URI.create(server.url() + Control.BACKUP_PATH))
              .header("Authorization", "Bearer " + secret)
              .POST(HttpRequest.BodyPublishers.ofString(backup.toString()))
              .build();
      assertThat(http.send(again, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(409);

      HttpRequest stranger =
          HttpRequest.newBuilder(URI.create(server.url() + Control.BACKUP_PATH))
              .POST(HttpRequest.BodyPublishers.ofString(directory.resolve("stolen").toString()))
              .build();
      assertThat(http.send(stranger, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(401);
      assertThat(directory.resolve("stolen")).doesNotExist();
      server.signal("TERM");
      server.awaitExit();
      assertThat(data.resolve("control")).doesNotExist();
    }
    Path restored = directory.resolve("restored");
    assertThat(Cli.run("restore", backup.toString(), "--data", restored.toString()).code())
        .isZero();
    try (Child server = Child.serve(directory, "--data", restored.toString())) {
      assertThat(get(server.url() + "/v1/topics/a").body()).isEqualTo("before");
    }
  }

  @Test
  void saysThatItIsNotReadyOnceItsDiskHasFailed() throws Exception {
    Path payload = Files.write(directory.resolve("payload.txt"), new byte[10_000]);
    try (Child server = Child.serve(directory)) {
      Cli.run("publish", "a", payload.toString(), "--url", server.url());
      fileSizeLimit(server, "5000:");
      Cli refused = Cli.run("publish", "a", payload.toString(), "--url", server.url());
      assertThat(refused.err()).contains("the log's disk failed", "File too large");
      fileSizeLimit(server, "unlimited:");

      HttpResponse<String> ready = get(server.url() + "/readyz");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("the log's disk failed", "expected: a restart");
      assertThat(get(server.url() + "/metrics").body()).contains("posthaste_log_broken 1.0");
      assertThat(get(server.url() + "/v1/topics/a").statusCode()).as("reads").isEqualTo(200);
      server.signal("TERM");
      assertThat(server.awaitExit()).isZero();
    }
    try (Child server = Child.serve(directory)) {
      assertThat(get(server.url() + "/readyz").statusCode()).isEqualTo(200);
      assertThat(get(server.url() + "/metrics").body()).contains("posthaste_log_broken 0.0");
      assertThat(Cli.run("publish", "a", payload.toString(), "--url", server.url()).code())
          .isZero();
    }
  }

  /** What the kernel lets a process write into any file from now on. */
  private static void fileSizeLimit(Child server, String limit) throws Exception {
    String pid = String.valueOf(server.pid());
    Process prlimit = new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + limit).start();
    assertThat(prlimit.waitFor()).isZero();
  }

  @Test
  void isBackedUpWhileNothingRuns() throws Exception {
    Path payload = Files.writeString(directory.resolve("payload.txt"), "before");
    try (Child server = Child.serve(directory)) {
      Cli.run("publish", "a", payload.toString(), "--url", server.url());
      server.signal("KILL"); // so that a control file is left that nobody answers to
      server.awaitExit();
    }
    Path backup = directory.resolve("backup");
    assertThat(Cli.run("backup", backup.toString(), "--data", directory + "/posthaste-data").code())
        .isZero();
    try (Child server = Child.serve(directory, "--data", backup.toString())) {
      assertThat(get(server.url() + "/v1/topics/a").body()).isEqualTo("before");
    }
  }
}
