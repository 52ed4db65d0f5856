package io.posthaste.bench;

import java.util.ArrayList;
import java.util.List;

/** Looks for the highest publish rate that all readers keep up with. */
final class Sweep {
  private final Target target;
  private final Load load;
  private final long serverPid;
  private final int seconds;
  private final double p99Millis;
  private final List<Result> results = new ArrayList<>();

  Sweep(Target target, Load load, long serverPid, int seconds, double p99Millis) {
    this.target = target;
    this.load = load;
    this.serverPid = serverPid;
    this.seconds = seconds;
    this.p99Millis = p99Millis;
  }

  /** Raises the rate until it does not hold; answers the last that did, or 0. */
  double highest(double from, double step, int steps) throws InterruptedException {
    double held = 0;
    for (int i = 0; i < steps; i++) {
      double rate = from + i * step;
      int messages = (int) Math.min(Integer.MAX_VALUE, rate * seconds);
      Result result = LoadRun.run(target, load.publishing(messages, rate), serverPid);
      results.add(result);
      if (!result.isFlawless() || result.latency().p99() > p99Millis * 1_000) {
        break;
      }
      held = rate;
    }
    return held;
  }

  /** What each rate gave, the one that did not hold last. */
  List<Result> results() {
    return List.copyOf(results);
  }
}
