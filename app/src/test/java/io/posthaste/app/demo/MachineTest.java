package io.posthaste.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineTest {
  private static final String HEAD =
      """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
          lo: 9000 1 0 0 0 0 0 0 9000 1 0 0 0 0 0 0
      """;

  @TempDir private Path proc;

  @Test
  void addsUpTheTrafficOfAllInterfacesButLoopback() {
    List<String> dev =
        (HEAD
                + "  eth0: 100 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0\nwlan0:20 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0\n")
            .lines()
            .toList();

    assertThat(Machine.traffic(dev)).isEqualTo(new Machine.Traffic(120, 10));
  }

  @Test
  void knowsNoTrafficWhereThereIsNone() {
    assertThat(Machine.traffic(HEAD.lines().toList())).isEqualTo(new Machine.Traffic(-1, -1));
  }

  @Test
  void countsMemoryAsUsedThatProgramsCouldNotHave() {
    List<String> meminfo = List.of("MemTotal: 1000 kB", "MemFree: 100 kB", "MemAvailable: 750 kB");

    assertThat(Machine.usedMemory(meminfo)).isEqualTo(0.25);
    assertThat(Machine.usedMemory(List.of("MemTotal: 1000 kB"))).isNegative();
  }

  @Test
  void tellsWhatWentByBetweenTwoReadings() throws IOException {
    Files.createDirectory(proc.resolve("net"));
    Path dev = proc.resolve("net/dev");
    Files.writeString(dev, HEAD + "eth0: 0 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0\n");
    Machine machine = new Machine(proc);
    ObjectNode first = JsonNodeFactory.instance.objectNode();
    ObjectNode second = JsonNodeFactory.instance.objectNode();

    machine.read(first);
    Files.writeString(dev, HEAD + "eth0: 99000000 1 0 0 0 0 0 0 99 1 0 0 0 0 0 0\n");
    machine.read(second);

    assertThat(first.has("down")).isFalse();
    assertThat(second.path("down").asLong()).isPositive().isGreaterThan(second.path("up").asLong());
  }

  @Test
  void leavesOutWhatTheMachineDoesNotTell() {
    ObjectNode data = JsonNodeFactory.instance.objectNode();

    new Machine(proc).read(data);

    assertThat(data.has("down")).isFalse();
    assertThat(data.path("memory").asInt(-1)).isBetween(0, 100);
  }
}
