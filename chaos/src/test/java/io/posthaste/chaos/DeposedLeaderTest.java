package io.posthaste.chaos;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether the replicas of a stream are the same again after its leader was cut off from the other
 * servers for some seconds: nats-servers and their own client alone, nothing of ours. It fails with
 * nats-server 2.9, which keeps what the deposed leader took and nobody acknowledged; docs/scale.md
 * has more.
 */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "a test of nats-server, which 2.9 does not pass: with -Dlong=true")
final class DeposedLeaderTest {
  @TempDir private Path directory;

  @Test
  void replicasAreTheSameAgain() throws Exception {
    Path files = Files.createDirectories(directory.resolve("nats"));
    ChaosTest.unshared(Duration.ofSeconds(170), DeposedLeader.class, files.toString());
  }
}
