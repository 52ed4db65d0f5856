package io.posthaste.examples.subscriber;

import io.posthaste.client.Gap;
import io.posthaste.client.Listener;
import io.posthaste.client.Message;
import io.posthaste.client.Posthaste;
import io.posthaste.client.Reading;
import io.posthaste.client.Subscription;
import io.posthaste.client.Technique;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Works on each order in turn. Where it stands is remembered by the server, as a consumer. */
final class OrderService implements AutoCloseable {
  private static final String CONSUMER = "order-service";

  private final Posthaste client;
  private final Consumer<String> work;
  private final Subscription subscription;

  /**
   * Begins where the service of this name stood, or now if there was none yet.
   *
   * @param work what is done about an order; called by one thread
   */
  OrderService(Posthaste client, Consumer<String> work) {
    this.client = client;
    this.work = work;
    this.subscription = client.subscribe(Reading.of("orders/#").consumer(CONSUMER), new Orders());
  }

  private final class Orders implements Listener {
    @Override
    public void onMessage(Message message) {
      work.accept(message.topic() + ": " + message.text());
      // Whoever dies before this is given the order again, never the next one instead.
      client.acknowledge(CONSUMER, message.id());
    }

    @Override
    public void onMissed(List<Gap> gaps) {
      // We were away for longer than orders are kept: somebody has to look at it.
      System.err.println("orders were missed: " + gaps);
    }

    @Override
    public void onConnected(Technique technique) {
      System.err.println("connected by " + technique);
    }
  }

  /** Waits for the order that is being worked on, then ends. */
  @Override
  public void close() {
    subscription.close();
  }

  /** The service: {@code java -jar java-subscriber.jar http://127.0.0.1:8080}. */
  public static void main(String[] args) throws InterruptedException {
    String url = args.length > 0 ? args[0] : "http://127.0.0.1:8080";
    Posthaste client = Posthaste.at(url);
    OrderService service = new OrderService(client, System.out::println);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  service.close();
                  client.close();
                }));
    new CountDownLatch(1).await(); // until it is told to end
  }
}
