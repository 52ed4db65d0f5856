package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RecentHeadsTest {
  private final RecentHeads heads = new RecentHeads();

  private RequestHead take(String head) {
    ByteBuf in = Unpooled.copiedBuffer(head + "rest", StandardCharsets.US_ASCII);
    RequestHead taken = heads.take(in, head.length());
    assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("rest");
    return taken;
  }

  private static String head(String query, String... headers) {
    return "GET /v1/updates?"
        + query
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + String.join("", headers)
        + "\r\n";
  }

  @Test
  void equalHeadsAreParsedOnce() {
    assertThat(take(head("topic=a"))).isSameAs(take(head("topic=a")));
  }

  @Test
  void headsThatDifferInOneByteAreNotTakenForOneAnother() {
    for (int number = 0; number < 10_000; number++) {
      String query = "topic=a&after=" + number;
      assertThat(take(head(query)).rawQuery).isEqualTo(query);
    }
  }

  @Test
  void headsThatBeginAlikeAreNotTakenForOneAnother() {
    Random random = new Random(7);
    for (int round = 0; round < 10_000; round++) {
      String value = "x".repeat(random.nextInt(900));
      assertThat(take(head("topic=a", "X: v" + value + "\r\n")).header("x")).isEqualTo("v" + value);
    }
  }

  @Test
  void aLargeHeadIsParsedEachTime() {
    String large = head("topic=a", "Cookie: " + "x".repeat(2_000) + "\r\n");
    RequestHead first = take(large);
    assertThat(take(large)).isNotSameAs(first);
    assertThat(first.header("cookie")).hasSize(2_000);
  }

  @Test
  void aBadHeadIsRefusedEachTime() {
    String bad = "GET  HTTP/1.1\r\n\r\n";
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> take(bad)).isInstanceOf(Refusal.class);
    }
  }

  @Test
  void whatAReadingMakesOfAHeadIsMadeOnce() {
    AtomicInteger made = new AtomicInteger();
    Function<Request, Integer> reading = request -> made.incrementAndGet();
    Function<Request, String> another = Request::rawPath;
    Request first = new ReceivedRequest(take(head("topic=a")));
    Request second = new ReceivedRequest(take(head("topic=a")));
    assertThat(first.understood(reading)).isEqualTo(1);
    assertThat(second.understood(reading)).isEqualTo(1);
    assertThat(second.understood(another)).isEqualTo("/v1/updates");
    assertThat(new ReceivedRequest(take(head("topic=b"))).understood(reading)).isEqualTo(2);
  }
}
