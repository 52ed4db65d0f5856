package io.posthaste.door.nacos;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.core.ConditionFactory;

/** One official client of each line, at the same servers. */
final class Clients implements AutoCloseable {
  private final Map<ClientLine, NacosClient> clients =
      Collections.synchronizedMap(new EnumMap<>(ClientLine.class));

  private Clients() {}

  /**
   * Clients of the servers at these places.
   *
   * @param more further properties, names and values in turn
   */
  static Clients at(String places, String... more) throws Exception {
    Clients clients = new Clients();
    inParallel(
        List.of(ClientLine.values()),
        line -> clients.clients.put(line, line.connect(places, more)));
    return clients;
  }

  /** What to do with one client. */
  interface Part {
    void run(ClientLine line, NacosClient client) throws Exception;
  }

  private interface Step<T> {
    void run(T with) throws Exception;
  }

  NacosClient of(ClientLine line) {
    NacosClient client = clients.get(line);
    if (client == null) {
      throw new IllegalStateException("closed");
    }
    return client;
  }

  /** Does that with each client, with all at the same time. */
  void withEach(Part part) throws Exception {
    inParallel(List.copyOf(clients.keySet()), line -> part.run(line, of(line)));
  }

  private static <T> void inParallel(List<T> all, Step<T> step) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, all.size()));
    try {
      List<Callable<Void>> parts = new ArrayList<>();
      for (T each : all) {
        parts.add(
            () -> {
              step.run(each);
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(parts)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Waits as long as any client may take. */
  static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20));
  }

  /** Closes them, which may be done again. */
  @Override
  public void close() throws Exception {
    withEach((line, client) -> client.close());
    clients.clear();
  }
}
