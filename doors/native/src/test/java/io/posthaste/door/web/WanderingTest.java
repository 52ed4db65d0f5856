package io.posthaste.door.web;

import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Policies.Rule;
import io.posthaste.core.SplitLog;
import io.posthaste.testkit.Wandering;
import io.posthaste.testkit.Want;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing is lost or doubled between two requests, however they follow each other. */
@Timeout(120)
final class WanderingTest {
  private static final int COUNT = Integer.getInteger("posthaste.wandering", 20_000);
  private static final Policies POLICIES =
      new Policies(
          Stream.of("ring/#=memory,count:1000000", "#=count:1000000").map(Rule::parse).toList());

  private SplitLog log;
  private NativeServer server;

  @BeforeEach
  void start() throws IOException {
    log = new SplitLog(part(0), part(1), POLICIES);
    server = new NativeServer(log, Duration.ofSeconds(120), Clients.ALL.get("SSE"));
  }

  private static MemoryLog part(int partition) {
    return new MemoryLog(
        new MemoryLog.Options("w", partition, 0, POLICIES, 128 << 20, InstantSource.system()));
  }

  @AfterEach
  void stop() {
    server.close();
    log.close();
  }

  @Test
  void fromLongPollToLongPoll() throws Exception {
    Clients.Opener polls = Clients.ALL.get("long poll");
    new Wandering(server.hub(), List.of("a"))
        .run(COUNT, Want.of("a"), turn -> want -> polls.open(server.address, want));
  }

  @Test
  void fromAnyTechniqueToAnyOverTwoPartitions() throws Exception {
    Random random = new Random(7);
    List<Clients.Opener> all = List.copyOf(Clients.ALL.values());
    new Wandering(server.hub(), List.of("a", "ring/b", "c/d"))
        .run(
            COUNT,
            Want.of("a", "ring/#", "c/+"),
            turn -> {
              Clients.Opener opener = all.get(random.nextInt(all.size()));
              return want -> opener.open(server.address, want);
            });
  }
}
