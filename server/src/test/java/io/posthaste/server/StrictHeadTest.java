package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What two parsers might read differently is refused, and nothing behind it is answered. */
class StrictHeadTest {
  private static TestServer server;

  @BeforeAll
  static void start() {
    server = new TestServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  // In each row ~ is CR LF, ^ CR, _ LF, ` NUL, > tab.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "length and coding|POST /echo HTTP/1.1~Host: localhost~Content-Length: 5~Transfer-Encoding: chunked~~0~~|400",
        "two lengths|POST /echo HTTP/1.1~Host: localhost~Content-Length: 1~Content-Length: 2~~a|400",
        "one length twice|POST /echo HTTP/1.1~Host: localhost~Content-Length: 1~Content-Length: 1~~a|400",
        "a list of lengths|POST /echo HTTP/1.1~Host: localhost~Content-Length: 1, 1~~a|400",
        "signed length|POST /echo HTTP/1.1~Host: localhost~Content-Length: +1~~a|400",
        "negative length|POST /echo HTTP/1.1~Host: localhost~Content-Length: -1~~a|400",
        "hexadecimal length|POST /echo HTTP/1.1~Host: localhost~Content-Length: 0x1~~a|400",
        "empty length|POST /echo HTTP/1.1~Host: localhost~Content-Length:~~a|400",
        "overflowing length|POST /echo HTTP/1.1~Host: localhost~Content-Length: 18446744073709551617~~a|400",
        "huge length|POST /echo HTTP/1.1~Host: localhost~Content-Length: 999999999999999999~~a|413",
        "unknown coding|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: gzip, chunked~~0~~|501",
        "chunked not last|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked, gzip~~0~~|501",
        "chunked twice|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~Transfer-Encoding: chunked~~0~~|501",
        "identity|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: identity~~|501",
        "vertical tab in coding|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: \u000bchunked~~0~~|400",
        "coding in HTTP/1.0|POST /echo HTTP/1.0~Host: localhost~Transfer-Encoding: chunked~~0~~|400",
        "bad chunk size|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~xyz~abc~0~~|400",
        "empty chunk size|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~~abc~0~~|400",
        "0x chunk size|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~0x3~abc~0~~|400",
        "negative chunk size|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~-3~abc~0~~|400",
        "chunk ends wrongly|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~3~abcd~0~~|400",
        "chunk size ends in LF|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~3_abc~0~~|400",
        "CR in chunk extension|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~3;a^b~abc~0~~|400",
        "overflowing chunk size|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~FFFFFFFFF~abc~0~~|413",
        "large chunk size|POST /echo HTTP/1.1~Host: localhost~Transfer-Encoding: chunked~~FFFFFFFF~abc~0~~|413",
        "continued header|GET /hello HTTP/1.1~Host: localhost~X-A: 1~ 2~~|400",
        "header begins with a space|GET /hello HTTP/1.1~ Host: localhost~~|400",
        "continued by tab|GET /hello HTTP/1.1~Host: localhost~X-A: 1~>2~~|400",
        "CR alone in a value|GET /hello HTTP/1.1~Host: localhost~X-A: 1^X-B: 2~~|400",
        "CR alone in the request line|GET /hel^lo HTTP/1.1~Host: localhost~~|400",
        "LF alone|GET /hello HTTP/1.1_Host: localhost_~|400",
        "NUL in a value|GET /hello HTTP/1.1~Host: localhost~X-A: 1`2~~|400",
        "NUL in a name|GET /hello HTTP/1.1~Host: localhost~X`A: 12~~|400",
        "space before the colon|GET /hello HTTP/1.1~Host: localhost~X-A : 1~~|400",
        "no colon|GET /hello HTTP/1.1~Host: localhost~X-A~~|400",
        "no name|GET /hello HTTP/1.1~Host: localhost~: 1~~|400",
        "space in a name|GET /hello HTTP/1.1~Host: localhost~X A: 1~~|400",
        "no host|GET /hello HTTP/1.1~X-A: 1~~|400",
        "two hosts|GET /hello HTTP/1.1~Host: localhost~Host: localhost~~|400",
        "host with a path|GET /hello HTTP/1.1~Host: localhost/x~~|400",
        "host with a user|GET /hello HTTP/1.1~Host: a@localhost~~|400",
        "host with a word as port|GET /hello HTTP/1.1~Host: localhost:x~~|400",
        "two spaces|GET  /hello HTTP/1.1~Host: localhost~~|400",
        "space in the target|GET /hel lo HTTP/1.1~Host: localhost~~|400",
        "no version|GET /hello~Host: localhost~~|400",
        "lower case version|GET /hello http/1.1~Host: localhost~~|400",
        "version 2|GET /hello HTTP/2.0~Host: localhost~~|505",
        "version 0.9|GET /hello HTTP/0.9~Host: localhost~~|505",
        "preface of HTTP/2 behind a line|~PRI * HTTP/2.0~~SM~~|505",
        "bad method|GE(T /hello HTTP/1.1~Host: localhost~~|400",
        "no method| /hello HTTP/1.1~Host: localhost~~|400",
        "fragment|GET /hello#x HTTP/1.1~Host: localhost~~|400",
        "backslash|GET /path\\..\\x HTTP/1.1~Host: localhost~~|400",
        "dot segment|GET /path/../hello HTTP/1.1~Host: localhost~~|400",
        "encoded dot segment|GET /path/%2E%2e/hello HTTP/1.1~Host: localhost~~|400",
        "dot segment at the end|GET /path/. HTTP/1.1~Host: localhost~~|400",
        "relative target|GET hello HTTP/1.1~Host: localhost~~|400",
        "asterisk|GET * HTTP/1.1~Host: localhost~~|400",
        "tunnel|CONNECT localhost:80 HTTP/1.1~Host: localhost~~|400",
        "unknown expectation|POST /echo HTTP/1.1~Host: localhost~Content-Length: 1~Expect: more~~a|417",
        "TLS|\u0016\u0003\u0001_~~|400",
      })
  void refuses(String name, String head, int status) throws IOException {
    try (RawClient client = server.connect()) {
      client.send(raw(head) + "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).as(answer.body()).isEqualTo(status);
      assertThat(answer.headers()).containsEntry("Connection", "close");
      client.socket.shutdownOutput();
      assertThat(client.isClosed()).isTrue();
    }
  }

  private static String raw(String row) {
    return row.replace("~", "\r\n")
        .replace('^', '\r')
        .replace('_', '\n')
        .replace('`', '\0')
        .replace('>', '\t');
  }

  @Test
  void refusesATargetThatIsNotUtf8() throws IOException {
    try (RawClient client = server.connect()) {
      client.send(
          "GET /path/\u00ff HTTP/1.1\r\nHost: localhost\r\n\r\n"
              .getBytes(StandardCharsets.ISO_8859_1));
      assertThat(client.answer().status()).isEqualTo(400);
    }
  }

  @Test
  void takesTheAbsoluteForm() throws IOException {
    try (RawClient client = server.connect()) {
      client.send("GET http://localhost:80/path/a?b HTTP/1.1\r\nHost: other\r\n\r\n");
      assertThat(client.answer().body()).isEqualTo("/path/a");
      client.send("GET http://other/hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(421);
    }
  }
}
