package io.posthaste.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.MalformedException;
import io.posthaste.core.NodePlace;
import io.posthaste.core.Payload;
import io.posthaste.core.Presence;
import io.posthaste.core.TopicPattern;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What nodes ask each other about connections, as bytes. */
class ConnectionsAnswerTest {
  private static final ConnectionsQuery QUERY =
      new ConnectionsQuery(new TopicPattern("a/#"), "sse", "n-1", new NodePlace("n-0", 12), 100);

  private static Connected connection(long number, String topic) {
    return new Connected(
        "n-1",
        number,
        "sse",
        1_700_000_000_000L,
        "[::1]:5000",
        3,
        List.of(topic, "b"),
        List.of(new Presence.Who("room/1", "é\"", "x")));
  }

  @Test
  void comesBackAsItWas() {
    ConnectionsAnswer answer =
        new ConnectionsAnswer(
            Map.of("sse", 2L, "tcp", 7L), List.of(connection(3, "a"), connection(9, "ü/+")), true);
    assertThat(ConnectionsAnswer.of("n-1", answer.toPayload())).isEqualTo(answer);
    assertThat(ConnectionsQuery.of(QUERY.toPayload())).isEqualTo(QUERY);
  }

  @Test
  void whatIsTooLargeIsLeftToTheNextPage() {
    String longest = "\uffff".repeat(341);
    List<Connected> all = IntStream.range(0, 1_000).mapToObj(i -> connection(i, longest)).toList();
    Payload bytes = new ConnectionsAnswer(Map.of(), all, false).toPayload();
    ConnectionsAnswer cut = ConnectionsAnswer.of("n-1", bytes);
    assertThat(bytes.length()).isLessThan(io.posthaste.core.Nodes.MAX_ANSWER_BYTES);
    assertThat(cut.more()).isTrue();
    assertThat(cut.connections())
        .hasSizeBetween(300, 400)
        .isEqualTo(all.subList(0, cut.connections().size()));
  }

  @Test
  void whatIsNoneIsRefusedAndNothingElseHappens() {
    byte[] answer =
        new ConnectionsAnswer(Map.of("sse", 2L), List.of(connection(3, "a")), true)
            .toPayload()
            .toByteArray();
    Mutations answers =
        new Mutations(
            List.of(answer, QUERY.toPayload().toByteArray()),
            List.of("\0", "\1", "\u00ff", "\u00ff\u00ff\u00ff\u00ff", "a"),
            new Random(42));
    for (int i = 0; i < 50_000; i++) {
      Payload bytes = Payload.wrap(answers.next());
      try {
        ConnectionsAnswer.of("n", bytes);
        ConnectionsQuery.of(bytes);
      } catch (MalformedException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }
}
