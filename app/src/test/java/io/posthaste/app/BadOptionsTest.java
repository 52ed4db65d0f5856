package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What makes no sense is refused with exit code 2 and one line that says what would be right. */
final class BadOptionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "pulish                             | did you mean publish?",
        "serv                               | unknown command 'serv' (did you mean serve? see: ./posthaste --help)",
        "--hlep                             | unknown option '--hlep'",
        "help sreve                         | unknown subcommand 'sreve' (see: ",
        "topics a b                         | unexpected argument 'b' (see: ./posthaste topics --help)",
        "doctor --url x                     | --url x (expected: an address such as",
        "serve --port 9000                  | unknown option '--port' (",
        "serve --htpp x                     | did you mean --http?",
        "serve --http                       | --http",
        "serve --http nowhere               | --http: nowhere (expected: HOST:PORT",
        "serve --http 127.0.0.1:99999       | with a port from 0 (any free one) to 65535",
        "serve --http ::1:80                | an IPv6 address in brackets: [::1]:8080",
        "serve --http 0.0.0.0:8080          | can be reached from other machines, and nobody is known yet",
        "serve --engine paper               | --engine: paper (expected: embedded, memory, or where NATS is: nats://host:4222",
        "serve --keep logs/#                | expected: PATTERN=SETTINGS",
        "serve --keep a/#/b=count:1         | --keep: pattern: \"a/#/b\" has a '#' that is not the last",
        "serve --keep a=count:0             | --keep: policy: count 0 (expected: 1 or more)",
        "serve --keep a=cuont:1             | expected: count:100, age:7d",
        "serve --disk-limit 1k              | --disk-limit: 1k (expected: a size such as 500m",
        "serve --heartbeat 0s               | --heartbeat: 0s (expected: a time above 0",
        "serve --cors example.org           | expected: an origin as browsers send it",
        "serve --cors https://a.org/path    | expected: an origin as browsers send it",
        "serve --allow-host a:80            | expected: a host's name without a port",
        "serve --connections many           | --connections: many (expected: a number above 0, auto or none)",
        "serve --publish-rate 0             | --publish-rate: 0 (expected: a number of messages a second above 0, or none)",
        "serve --trusted-proxy proxy        | --trusted-proxy: proxy (expected: an address or a network, as in 10.0.0.7",
        "serve --insecure=perhaps           | --insecure: perhaps (expected: true or false)",
        "serve --tls-cert a.pem             | --tls-cert without its key (expected: --tls-key FILE too)",
        "serve --tls-key a.pem              | --tls-key without its certificate (expected: --tls-cert FILE too)",
        "serve --tls-self-signed --tls-keystore a.p12 | several certificates (expected: --tls-cert with --tls-key, or",
        "serve --tls-client-ca a.pem        | --tls-client-ca without TLS (expected: --tls-cert and --tls-key too)",
        "serve --tls-keystore a --tls-password secret | expected: file:FILE or env:VARIABLE",
        "serve --tls-keystore a --tls-password env:NO_SUCH | not in the environment",
        "serve --tls-self-signed --tls-client-auth perhaps | expected: one of want, need",
        "topics --cacert nowhere.pem        | --cacert nowhere.pem: no such file",
        "serve --log-level loud             | expected: one of error, warn, info, debug",
        "serve --config nowhere.yaml        | nowhere.yaml does not exist",
        "publish                            | missing required parameter: 'TOPIC'",
        "publish a hello                    | hello: no such file (expected: a file; text itself comes in: echo TEXT",
        "publish a/# /dev/null              | which only patterns may have",
        "publish a /dev/null --url x        | --url x (expected: an address such as http://127.0.0.1:8080)",
        "publish a /dev/null --key 键       | --key 键 (expected: printable ASCII)",
        "publish a --lines --if-match 1     | --if-match is for one message",
        "subscribe                          | missing required parameter: 'TOPIC'",
        "subscribe a --via pigeon           | pigeon (expected: [poll, long-poll, sse, ndjson, ws",
        "subscribe a/#/b                    | a/#/b",
        "subscribe a --after 0 --last 1     | expected: one of them",
        "subscribe a --last 0               | expected: 1 to 1000",
        "subscribe a --count 0              | --count 0 (expected: 1 or more)",
        "subscribe a --interval soon        | expected: a time above 0",
      })
  void isRefused(String line, String complaint) {
    Cli cli = Cli.run(line.split(" "));

    assertThat(cli.err()).contains(complaint);
    assertThat(cli.err().strip()).doesNotContain("\n");
    assertThat(cli.code()).isEqualTo(2);
    assertThat(cli.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"serve", "publish", "subscribe", "topics", "backup", "restore", "doctor", "version"})
  void everyCommandTeachesByAnExample(String command) {
    Cli cli = Cli.run(command, "--help");

    assertThat(cli.code()).isZero();
    assertThat(cli.out()).contains("Example", "./posthaste " + command);
  }

  /** picocli formats them: a percent sign alone is complained of before each help. */
  @Test
  void everyTextOfEveryHelpCanBeFormatted() {
    Deque<CommandLine> commands = new ArrayDeque<>(List.of(Posthaste.commandLine()));
    int texts = 0;
    while (!commands.isEmpty()) {
      CommandLine command = commands.pop();
      commands.addAll(command.getSubcommands().values());
      UsageMessageSpec usage = command.getCommandSpec().usageMessage();
      List<String> all = new ArrayList<>();
      Stream.of(usage.header(), usage.description(), usage.footer()).forEach(t -> add(all, t));
      command.getCommandSpec().args().forEach(each -> add(all, each.description()));
      for (String text : all) {
        assertThatCode(() -> String.format(text))
            .as("%s: %s", command.getCommandSpec().qualifiedName(), text)
            .doesNotThrowAnyException();
        texts++;
      }
    }
    assertThat(texts).isGreaterThan(100);
  }

  private static void add(List<String> all, String... texts) {
    all.addAll(List.of(texts));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void helpIsGivenHoweverItIsAskedFor(String asked) {
    Cli cli = Cli.run(asked);

    assertThat(cli.code()).isZero();
    assertThat(cli.out()).contains("serve", "subscribe", "doctor", "./posthaste help COMMAND");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V", "serve --version", "bench fanout -V"})
  void theVersionIsToldWhereverItIsAskedFor(String line) {
    Cli cli = Cli.run(line.split(" "));

    assertThat(cli.code()).isZero();
    assertThat(cli.out().strip()).isEqualTo("posthaste " + VersionCommand.version());
  }
}
