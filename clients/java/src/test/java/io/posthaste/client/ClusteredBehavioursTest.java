package io.posthaste.client;

import io.posthaste.junit.PosthasteExtension;
import io.posthaste.testkit.NatsServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The behaviours against two nodes over one NATS server: what is published at one is heard at the
 * other.
 */
final class ClusteredBehavioursTest extends BehavioursContract {
  private static final NatsServers NATS = start();

  /** Registered first, so that it is called when the nodes have ended. */
  @RegisterExtension
  @Order(1)
  static final AfterAllCallback END_OF_NATS = context -> NATS.close();

  @RegisterExtension
  @Order(2)
  static final PosthasteExtension ONE = node();

  @RegisterExtension
  @Order(3)
  static final PosthasteExtension OTHER = node();

  private static NatsServers start() {
    try {
      return NatsServers.single();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PosthasteExtension node() {
    return withSettings(PosthasteExtension.inMemory().with("engine", NATS.urls()));
  }

  @Override
  List<PosthasteExtension> servers() {
    return List.of(ONE, OTHER);
  }
}
