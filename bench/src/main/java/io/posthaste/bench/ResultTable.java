package io.posthaste.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Prints results for people, a line each. */
final class ResultTable {
  private static final String HEAD = "%-12s %-10s %7s %7s %9s %8s %8s %8s %8s %8s %7s  %s%n";
  private static final String ROW =
      "%-12s %-10s %7d %7d %9.0f %8.2f %8.2f %8.2f %8.2f %8s %7s  %s%n";

  private ResultTable() {}

  static void print(PrintStream out, List<Result> results) {
    out.printf(
        HEAD,
        "server",
        "via",
        "readers",
        "topics",
        "deliv./s",
        "p50 ms",
        "p99 ms",
        "max ms",
        "ack ms",
        "us/deliv",
        "B/conn",
        "seen");
    for (Result result : results) {
      out.printf(
          Locale.ROOT,
          ROW,
          result.target().name(),
          result.load().technique(),
          result.load().readers(),
          result.load().topics(),
          result.received() == 0 ? 0 : result.deliveriesPerSecond(),
          result.latency().p50() / 1e3,
          result.latency().p99() / 1e3,
          result.latency().max() / 1e3,
          result.ack().p50() / 1e3,
          number(result.cpuMicrosPerDelivery(), "%.2f"),
          number(result.bytesPerConnection(), "%.0f"),
          verdict(result));
    }
  }

  static String verdict(Result result) {
    if (result.isFlawless()) {
      return result.received() == 0 ? "nothing sent" : "all, once, in order";
    }
    StringBuilder flaws = new StringBuilder();
    flaw(flaws, result.failedPublishes(), "publishes failed");
    flaw(flaws, result.lost(), "lost");
    flaw(flaws, result.duplicates(), "twice");
    flaw(flaws, result.outOfOrder(), "out of order");
    flaw(flaws, result.stray(), "stray");
    flaw(flaws, result.lostConnections(), "connections lost");
    if (result.firstFailure() != null) {
      flaws.append(" (").append(result.firstFailure()).append(')');
    }
    return flaws.toString();
  }

  private static void flaw(StringBuilder flaws, long count, String what) {
    if (count > 0) {
      flaws.append(flaws.isEmpty() ? "" : ", ").append(count).append(' ').append(what);
    }
  }

  private static String number(double value, String format) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }
}
