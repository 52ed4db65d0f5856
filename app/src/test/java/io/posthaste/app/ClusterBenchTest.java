package io.posthaste.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The measurement of a cluster's storm, with few readers. */
@EnabledIfSystemProperty(
    named = "long",
    matches = "true",
    disabledReason = "takes half a minute: with -Dlong=true")
final class ClusterBenchTest {
  @TempDir private Path directory;

  @Test
  void readersWhoseServerDiesAreServedByTheOthers() throws Exception {
    try (Child bench =
        Child.start(
            directory,
            "bench",
            "cluster",
            "--steps",
            "storm",
            "--storm",
            "200",
            "--storm-topics",
            "20")) {
      assertThat(bench.awaitExit()).as("%s %s", bench.out(), bench.err()).isZero();
      assertThat(bench.out())
          .singleElement()
          .asString()
          .contains("storm: 200 readers of 20 topics", "the last served after");
    }
  }
}
