package io.posthaste.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StreamConfiguration;
import io.posthaste.testkit.Unshared;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A program in namespaces of its own: cuts the leader of a stream off from the other two servers,
 * publishes on both sides, ends that, and compares what is told at each of the three.
 *
 * <p>What is sent to the leader while it is alone is never acknowledged, so it may be lost; but
 * whatever is kept must be kept by all.
 */
final class DeposedLeader {
  private static final String STREAM = "log";
  private static final int MESSAGES = 100;
  private static final int ROUNDS = 5;
  private static final String ALONE = "alone ";
  private static final String SILENT = "no answer";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration ANSWER = Duration.ofSeconds(1);

  private DeposedLeader() {}

  /**
   * @param arguments a directory
   */
  public static void main(String[] arguments) throws Exception {
    Host.makeBridge();
    try (NatsHosts nats = NatsHosts.make(Path.of(arguments[0]))) {
      nats.start();
      compare(nats);
    } catch (Exception | AssertionError failure) {
      failure.printStackTrace(System.out);
      System.exit(1);
    }
    Unshared.passed();
    System.exit(0);
  }

  private static void compare(NatsHosts nats) throws Exception {
    List<Connection> to = new ArrayList<>();
    for (String url : nats.urls()) {
      Options options =
          new Options.Builder().server(url).ignoreDiscoveredServers().maxReconnects(-1).build();
      to.add(Nats.connect(options));
    }
    ServerInfo server = to.get(0).getServerInfo();
    System.out.println("nats-server " + server.getVersion());
    StreamConfiguration stream =
        StreamConfiguration.builder()
            .name(STREAM)
            .subjects(STREAM)
            .replicas(Fault.SERVERS)
            .allowDirect(true)
            .build();
    await()
        .atMost(SOON)
        .ignoreExceptionsMatching(
            e -> e instanceof IOException || e instanceof JetStreamApiException)
        .until(() -> to.get(0).jetStreamManagement().addStream(stream), made -> true);
    for (int round = 1; round <= ROUNDS; round++) {
      depose(nats, to, round);
    }
  }

  private static void depose(NatsHosts nats, List<Connection> to, int round) throws Exception {
    publish(to.get(0), "before " + round);
    int deposed = nats.leader(0);
    int other = (deposed + 1) % Fault.SERVERS;
    Host host = nats.servers().get(deposed).host();
    System.out.println("round " + round + ": the leader is " + host);
    host.cutOffFrom(nats.othersThan(host));
    for (int i = 0; i < MESSAGES; i++) {
      byte[] text = (ALONE + round + " " + i).getBytes(UTF_8);
      to.get(deposed).publish(STREAM, text); // nobody acknowledges it
    }
    publish(to.get(other), "meanwhile " + round);
    host.cutOffFrom(List.of());

    List<List<String>> replicas = new ArrayList<>();
    try {
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofSeconds(1))
          .until(
              () -> {
                replicas.clear();
                for (Connection one : to) {
                  replicas.add(all(one));
                }
                return Set.copyOf(replicas).size() == 1;
              });
    } catch (ConditionTimeoutException differ) {
      throw new AssertionError("replicas still differ after " + SOON, differ);
    } finally {
      for (int i = 0; i < replicas.size(); i++) {
        System.out.println(
            "asked at " + nats.servers().get(i).host() + ": " + counts(replicas.get(i), round));
      }
    }
  }

  private static String counts(List<String> replica, int rounds) {
    Set<String> distinct = Set.copyOf(replica);
    return "%d messages, %d of %d acknowledged ones, %d that nobody acknowledged"
            .formatted(
                replica.size(),
                distinct.stream()
                    .filter(text -> !text.startsWith(ALONE) && !text.equals(SILENT))
                    .count(),
                2 * MESSAGES * rounds,
                distinct.stream().filter(text -> text.startsWith(ALONE)).count())
        + (distinct.contains(SILENT) ? ", then silence" : "");
  }

  /** Publishes until each message is acknowledged. */
  private static void publish(Connection connection, String when) {
    for (int i = 0; i < MESSAGES; i++) {
      byte[] text = (when + " " + i).getBytes(UTF_8);
      await()
          .atMost(SOON)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> isAcknowledged(connection.request(STREAM, text, ANSWER)));
    }
  }

  private static boolean isAcknowledged(@Nullable Message answer) {
    return answer != null
        && !answer.isStatusMessage()
        && new String(answer.getData(), UTF_8).contains("\"seq\"");
  }

  /**
   * All that is told over a connection. Any replica may answer each question, so where copies
   * differ, so do answers.
   */
  private static List<String> all(Connection connection) throws InterruptedException {
    List<String> all = new ArrayList<>();
    for (int sequence = 1; ; sequence++) {
      byte[] question = ("{\"seq\":" + sequence + "}").getBytes(UTF_8);
      Message answer = connection.request("$JS.API.DIRECT.GET." + STREAM, question, ANSWER);
      if (answer == null) {
        all.add(SILENT);
        return all;
      }
      if (answer.isStatusMessage()) {
        return all; // not found
      }
      all.add(new String(answer.getData(), UTF_8));
    }
  }
}
