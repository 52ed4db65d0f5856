package io.posthaste.door.tcp;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.Id;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.core.Presence;
import io.posthaste.core.Shard;
import io.posthaste.core.Topic;
import io.posthaste.server.ConnectionLimits;
import io.posthaste.server.Loops;
import io.posthaste.server.PublishRate;
import io.posthaste.testkit.DoorClient;
import io.posthaste.testkit.DoorServer;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server with the TCP door on a free port of loopback. */
final class TcpServer implements DoorServer {
  final Loops loops = new Loops(2);
  final InetSocketAddress address;
  private final Hub hub;
  private final Presence presence;
  private final Map<String, byte[]> malformed;

  TcpServer(Log log, TcpOptions options, ConnectionLimits limits, Map<String, byte[]> malformed)
      throws IOException {
    this.malformed = malformed;
    hub = new Hub(log, loops.executors(), HubOptions.defaults());
    loops.attach(hub.shards());
    presence = new Presence(hub, "test", Presence.LEASE);
    address =
        new TcpDoor(hub, presence, options)
            .listen(loops, limits, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  TcpServer(TcpOptions options, ConnectionLimits limits) throws IOException {
    this(memory(), options, limits, Map.of());
  }

  TcpServer() throws IOException {
    this(TcpOptions.DEFAULT, ConnectionLimits.DEFAULT);
  }

  /** A log where {@code few/…} keeps 3 messages, and {@code ring/…} is of the memory partition. */
  static Log memory() {
    Policies policies =
        new Policies(
            List.of(
                Policies.Rule.parse("few/#=count:3"),
                Policies.Rule.parse("ring/#=memory"),
                Policies.Rule.parse("#=count:1000000")));
    return new MemoryLog(MemoryLog.Options.of(policies));
  }

  static TcpOptions heartbeat(int millis) {
    return new TcpOptions(
        "test",
        Duration.ofSeconds(5),
        Duration.ofMillis(millis),
        Duration.ofMillis(50),
        Duration.ofMinutes(5),
        10_000,
        400,
        2,
        1_000,
        8 << 20,
        PublishRate.UNLIMITED);
  }

  RawTcp connect() throws IOException {
    return new RawTcp(address);
  }

  Id publish(String topic, String text) {
    try {
      Append append = Append.of(new Topic(topic), "text/plain", Payload.of(text));
      Appended outcome = hub.publish(append).toCompletableFuture().get(20, TimeUnit.SECONDS);
      return ((Appended.Stored) outcome).id();
    } catch (Exception e) {
      throw new AssertionError("not published: " + topic, e);
    }
  }

  /** Deadlines set on all wheels. */
  long deadlines() {
    long sum = 0;
    for (Shard shard : hub.shards()) {
      try {
        sum += shard.loop().submit(() -> shard.wheel().size()).get(10, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    return sum;
  }

  @Override
  public Hub hub() {
    return hub;
  }

  @Override
  public DoorClient open(Want want) throws IOException {
    return new TcpDoorClient(address, want);
  }

  @Override
  public String send(String name) throws IOException {
    try (RawTcp client = connect()) {
      client.send(malformed.get(name));
      client.socket.shutdownOutput();
      return new String(client.readAll(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void shutdown() {
    loops.drain(Duration.ofSeconds(3)).join();
  }

  @Override
  public void close() {
    loops.drain(Duration.ofMillis(500)).join();
    presence.close();
    hub.close();
    loops.close();
  }
}
