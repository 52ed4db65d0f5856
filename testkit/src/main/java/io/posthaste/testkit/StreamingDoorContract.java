package io.posthaste.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every door must hold over which messages are pushed. */
public abstract class StreamingDoorContract extends DoorContract {
  @Test
  void tellsAQuietReaderItsPlaceFirst() throws IOException {
    publish("a", "before");
    String cursor;
    try (DoorClient client = server().open(Want.of("a"))) {
      Seen first = client.next(LONG);
      assertThat(first.kind()).isEqualTo(Seen.Kind.PLACE);
      cursor = first.cursor();
    }
    publish("a", "meanwhile");
    try (DoorClient client = server().open(Want.of("a").after(cursor))) {
      assertThat(texts(client, 1)).containsExactly("meanwhile");
    }
  }

  @Test
  void aReaderThatStopsIsCutAndResumes() throws IOException {
    int count = 10_000;
    String filling = "x".repeat(2_000);
    List<Integer> seen = new ArrayList<>();
    String cursor;
    try (DoorClient stalled = server().open(Want.of("a"))) {
      publishNumbered("a", count, filling);
      await()
          .atMost(LONG)
          .untilAsserted(() -> assertThat(server().hub().stats().readers()).isZero());
      cursor = "0";
      Seen next = pastPlaces(stalled);
      while (next.kind() == Seen.Kind.MESSAGE) {
        seen.add(number(next));
        cursor = next.cursor();
        next = pastPlaces(stalled);
      }
      assertThat(seen).hasSizeLessThan(count);
    }
    try (DoorClient resumed = server().open(Want.of("a").after(cursor))) {
      while (seen.size() < count) {
        seen.add(number(message(resumed)));
      }
    }
    assertThat(seen).isEqualTo(IntStream.range(0, count).boxed().toList());
  }

  private static int number(Seen message) {
    return Integer.parseInt(message.text().substring(0, message.text().indexOf(' ')));
  }
}
