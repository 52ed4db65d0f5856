package io.posthaste.examples.subscriber;

import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.client.Posthaste;
import io.posthaste.junit.PosthasteExtension;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the example promises, with a real server. */
final class OrderServiceTest {
  @RegisterExtension final PosthasteExtension posthaste = PosthasteExtension.onDisk();

  @Test
  void afterARestartItGoesOnWithWhatCameMeanwhile() {
    try (Posthaste client = Posthaste.at(posthaste.url())) {
      List<String> done = new CopyOnWriteArrayList<>();
      try (OrderService service = new OrderService(client, done::add)) {
        client.publish("orders/1", "two coffees");
        client.publish("orders/2", "one tea");
        Awaitility.await().until(() -> done.size() == 2);
      }
      client.publish("orders/3", "a cake");
      posthaste.restart();

      List<String> doneLater = new CopyOnWriteArrayList<>();
      try (OrderService service = new OrderService(client, doneLater::add)) {
        Awaitility.await().until(() -> !doneLater.isEmpty());
        assertThat(done).containsExactly("orders/1: two coffees", "orders/2: one tea");
        assertThat(doneLater).containsExactly("orders/3: a cake");
      }
    }
  }

  @Test
  void worksOnWhatComesWhileItRuns() {
    try (Posthaste client = Posthaste.at(posthaste.url())) {
      List<String> done = new CopyOnWriteArrayList<>();
      try (OrderService service = new OrderService(client, done::add)) {
        for (int i = 0; i < 100; i++) {
          client.publish("orders/" + i, "a coffee");
        }
        Awaitility.await().until(() -> done.size() == 100);
        assertThat(done).first().isEqualTo("orders/0: a coffee");
        assertThat(done).last().isEqualTo("orders/99: a coffee");
      }
    }
  }
}
