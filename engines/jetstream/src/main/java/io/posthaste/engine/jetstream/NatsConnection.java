package io.posthaste.engine.jetstream;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ServerInfo;
import io.posthaste.core.LogException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection to NATS: how it is made, what is heard of it, and what the server can do. */
final class NatsConnection {
  private static final Logger LOGGER = LoggerFactory.getLogger(NatsConnection.class);
  private static final int MANY = 1 << 20;

  /** Replicas of an older nats-server may differ for good after a partition; docs/scale.md. */
  private static final String SAFE_VERSION = "2.11.0";

  private NatsConnection() {}

  /** Hears what befalls the connection. */
  interface Listening {
    /** Something may not have been heard. */
    void lost(String why);

    /** There is no connection now. */
    void disconnected();

    /** The server says that something is wrong. */
    void complaint(String what);
  }

  /** Before the log is open: what befalls the first connection is told by an exception. */
  static final class Opening implements Listening {
    @Override
    public void lost(String why) {
      LOGGER.debug("while opening why={}", why);
    }

    @Override
    public void disconnected() {
      LOGGER.debug("while opening: disconnected");
    }

    @Override
    public void complaint(String what) {
      LOGGER.debug("while opening error={}", what);
    }
  }

  /**
   * Connects. Blocks for as long as that takes.
   *
   * @param listening is told from then on what befalls the connection, on its threads
   * @throws LogException if NATS cannot be reached
   */
  static Connection open(JetStreamOptions options, AtomicReference<Listening> listening) {
    Options.Builder builder =
        new Options.Builder()
            .servers(options.servers().toArray(String[]::new))
            .connectionName("posthaste")
            .connectionTimeout(options.connectWithin())
            .maxReconnects(-1)
            .reconnectWait(Duration.ofMillis(200))
            .reconnectBufferSize(0) // what was not sent is refused, not sent later
            .pingInterval(Duration.ofSeconds(2))
            .maxPingsOut(2)
            .requestCleanupInterval(Duration.ofMillis(250))
            .reportNoResponders()
            .maxMessagesInOutgoingQueue(
                MANY) // bounded in bytes by the appender, in pages by readers
            .connectionListener((connection, event) -> heard(event, listening.get()))
            .errorListener(
                new ErrorListener() {
                  @Override
                  public void errorOccurred(Connection connection, String error) {
                    listening.get().complaint(error);
                  }

                  @Override
                  public void exceptionOccurred(Connection connection, Exception e) {
                    LOGGER.debug("connection to NATS", e);
                  }

                  @Override
                  public void slowConsumerDetected(Connection connection, Consumer consumer) {
                    listening.get().lost("the client dropped messages");
                  }
                });
    options.credentials().ifPresent(file -> builder.credentialPath(file.toString()));
    options.authorities().ifPresent(file -> builder.sslContext(Authorities.trusting(file)));
    try {
      return Nats.connect(builder.build());
    } catch (IOException e) {
      throw unreachable(options, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogException("interrupted while connecting to NATS", e);
    } catch (IllegalArgumentException e) {
      throw unreachable(options, e);
    }
  }

  private static LogException unreachable(JetStreamOptions options, Exception e) {
    String text =
        "NATS cannot be reached at "
            + String.join(", ", options.servers())
            + ": "
            + e.getMessage()
            + " (expected: a nats-server with JetStream that lets us in)";
    return new LogException(text.replaceAll("//[^/@\\s]*@", "//"), e); // without passwords
  }

  private static void heard(ConnectionListener.Events event, Listening listening) {
    switch (event) {
      case DISCONNECTED -> listening.disconnected();
      case RESUBSCRIBED -> {
        LOGGER.info("the connection to NATS is back");
        listening.lost("the connection was lost");
      }
      default -> LOGGER.debug("connection to NATS event={}", event);
    }
  }

  /** Says if the nats-servers are too old for a cluster. */
  static void sayVersion(Connection connection, int replicas) {
    ServerInfo server = connection.getServerInfo();
    if (replicas > 1 && server.isOlderThanVersion(SAFE_VERSION)) {
      LOGGER.info(
          "this nats-server is too old for a cluster: after one of them was cut off from the others"
              + " messages may be lost, or refused for minutes version={} (expected: {} or later)",
          server.getVersion(),
          SAFE_VERSION);
    }
  }

  /** Says if NATS takes less in a message than the policies allow. */
  static void sayLimits(Connection connection, Streams.Ready ready) {
    long max = connection.getMaxPayload();
    for (Partition partition : ready.partitions()) {
      if (partition.policy.maxMessageBytes() > max) {
        LOGGER.info(
            "messages are limited by NATS, headers included maxBytes={} policy={} stream={}",
            max,
            partition.policy.maxMessageBytes(),
            partition.stream);
      }
    }
  }

  /** Closes it. */
  static void close(Connection connection) {
    try {
      connection.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
