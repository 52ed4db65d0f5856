package io.posthaste.bench;

import org.HdrHistogram.Histogram;

/** Percentiles in µs; all 0 if nothing was counted. */
public record Latency(double p50, double p90, double p99, double p999, double max) {

  static Latency of(Histogram nanos) {
    if (nanos.getTotalCount() == 0) {
      return new Latency(0, 0, 0, 0, 0);
    }
    return new Latency(
        at(nanos, 50), at(nanos, 90), at(nanos, 99), at(nanos, 99.9), nanos.getMaxValue() / 1e3);
  }

  private static double at(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1e3;
  }
}
