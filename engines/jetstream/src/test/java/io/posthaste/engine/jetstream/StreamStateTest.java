package io.posthaste.engine.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.support.JsonParser;
import org.junit.jupiter.api.Test;

/** What is believed of what servers say of a stream. */
final class StreamStateTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long ASKED = System.nanoTime();

  private static StreamState of(String cluster) {
    String state = "\"state\":{\"messages\":5,\"first_seq\":3,\"last_seq\":7}";
    return StreamState.of(JsonParser.parseUnchecked("{" + state + cluster + "}"), ASKED);
  }

  private static StreamState ledBy(String leader, long... silentNanos) {
    StringBuilder replicas = new StringBuilder();
    for (long silent : silentNanos) {
      replicas.append(replicas.length() == 0 ? "" : ",");
      replicas.append("{\"name\":\"n\",\"current\":true,\"active\":").append(silent).append('}');
    }
    String name = leader.isEmpty() ? "" : "\"leader\":\"" + leader + "\",";
    return of(",\"cluster\":{\"name\":\"c\"," + name + "\"replicas\":[" + replicas + "]}");
  }

  @Test
  void aServerWithoutAClusterIsBelieved() {
    StreamState state = of("");
    assertThat(state.first()).isEqualTo(3);
    assertThat(state.last()).isEqualTo(7);
    assertThat(state.messages()).isEqualTo(5);
    assertThat(state.leader()).isEmpty();
  }

  @Test
  void aLeaderThatHasHeardFromAMajorityIsBelieved() {
    assertThat(ledBy("n1", SECOND, 60 * SECOND).leader()).isEqualTo("n1");
    assertThat(ledBy("n1").leader()).isEqualTo("n1"); // the only replica
  }

  @Test
  void aLeaderIsBelievedForASecondAfterItWasAsked() {
    assertThat(ledBy("n1", SECOND, SECOND).ledUntilNanos() - ASKED).isEqualTo(SECOND);
  }

  @Test
  void aLeaderThatWasCutOffIsNot() {
    assertThatThrownBy(() -> ledBy("n1", 4 * SECOND, 5 * SECOND))
        .isInstanceOf(Wire.ApiError.class)
        .hasMessageContaining("no server leads");
    assertThatThrownBy(() -> ledBy("n1", 0, 0)).isInstanceOf(Wire.ApiError.class);
  }

  @Test
  void aReplicaThatKnowsOfNoLeaderIsNot() {
    assertThatThrownBy(() -> ledBy("", SECOND, SECOND, SECOND)).isInstanceOf(Wire.ApiError.class);
  }
}
