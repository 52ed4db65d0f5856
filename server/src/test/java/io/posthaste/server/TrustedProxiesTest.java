package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose word is taken for who asks. */
class TrustedProxiesTest {
  private final TrustedProxies proxies = TrustedProxies.of(List.of("10.0.0.0/8", "fd00::/8"));

  private String client(String peer, List<String> xForwardedFor, List<String> forwarded)
      throws UnknownHostException {
    return proxies.client(InetAddress.getByName(peer), xForwardedFor, forwarded).getHostAddress();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10.1.1.1 | 192.0.2.1 | 192.0.2.1",
        "10.1.1.1 | 192.0.2.1, 10.2.2.2 | 192.0.2.1",
        "10.1.1.1 | 198.51.100.9, 192.0.2.1 | 192.0.2.1", // the left one is the client's own word
        "10.1.1.1 | 10.9.9.9, 192.0.2.1, 10.2.2.2 | 192.0.2.1",
        "10.1.1.1 | 192.0.2.1:4711 | 192.0.2.1",
        "10.1.1.1 | [2001:db8::1]:4711 | 2001:db8:0:0:0:0:0:1",
        "10.1.1.1 | 2001:db8::1 | 2001:db8:0:0:0:0:0:1",
        "fd00::1  | 192.0.2.1 | 192.0.2.1",
        "10.1.1.1 | 10.3.3.3 | 10.3.3.3",
        "10.1.1.1 | unknown | 10.1.1.1",
        "10.1.1.1 | 192.0.2.1, unknown | 10.1.1.1",
        "10.1.1.1 | localhost | 10.1.1.1", // no name service is asked
        "10.1.1.1 | '' | 10.1.1.1",
        "192.0.2.7 | 198.51.100.9 | 192.0.2.7", // no proxy of ours
      })
  void goesByXForwardedFor(String peer, String header, String client) throws UnknownHostException {
    assertThat(client(peer, List.of(header), List.of())).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "for=192.0.2.1;proto=https | 192.0.2.1",
        "proto=https; FOR=\"[2001:db8::1]:4711\" | 2001:db8:0:0:0:0:0:1",
        "for=198.51.100.9, for=192.0.2.1 | 192.0.2.1",
        "for=_hidden | 10.1.1.1",
        "by=10.2.2.2 | 10.1.1.1",
      })
  void goesByForwarded(String header, String client) throws UnknownHostException {
    assertThat(client("10.1.1.1", List.of(), List.of(header))).isEqualTo(client);
  }

  @Test
  void readsSeveralLinesAsOne() throws UnknownHostException {
    assertThat(client("10.1.1.1", List.of("198.51.100.9", "192.0.2.1"), List.of()))
        .isEqualTo("192.0.2.1");
  }

  /** A proxy that sets one of the two passes on what a client wrote into the other. */
  @Test
  void believesNeitherHeaderWhereTheyContradictEachOther() throws UnknownHostException {
    assertThat(client("10.1.1.1", List.of("192.0.2.1"), List.of("for=198.51.100.9")))
        .isEqualTo("10.1.1.1");
    assertThat(client("10.1.1.1", List.of("192.0.2.1"), List.of("for=192.0.2.1")))
        .isEqualTo("192.0.2.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8/8", "fd00::/129"})
  void refusesWhatIsNoNetwork(String text) {
    assertThatThrownBy(() -> TrustedProxies.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("as in 10.0.0.7");
  }

  @Test
  void takesWhateverIsSent() throws UnknownHostException {
    SplittableRandom random = new SplittableRandom(5);
    String alphabet = "0123456789.:[]\",;= forFOR_%/abc\u00e4";
    InetAddress peer = InetAddress.getByName("10.1.1.1");
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      List<String> header = List.of(text.toString());
      assertThat(proxies.client(peer, header, List.of())).isNotNull();
      assertThat(proxies.client(peer, List.of(), header)).isNotNull();
      String spoofed = new String(text.toString().getBytes(StandardCharsets.UTF_8)) + ",192.0.2.1";
      assertThat(proxies.client(peer, List.of(spoofed), List.of()).getHostAddress())
          .isEqualTo("192.0.2.1");
    }
  }
}
