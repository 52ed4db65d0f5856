package io.posthaste.bench;

import org.jspecify.annotations.Nullable;

/**
 * What a run saw.
 *
 * @param acknowledged publishes answered with 2xx
 * @param failedPublishes publishes answered otherwise or not at all
 * @param expected acknowledged publishes × readers of their topic that do read
 * @param received distinct messages over all readers
 * @param lost expected and never received
 * @param duplicates arrivals of what the reader had already
 * @param outOfOrder arrivals after a later message of the topic
 * @param stray stamps that could not be read or are another topic's
 * @param stale stamps of another run
 * @param lostConnections readers' connections that ended before the run did
 * @param latency from the moment a message was due to the read that brought it
 * @param passMicros the median, over messages, of the time from due to the last reader's read
 * @param ack from sending a publish to its answer
 * @param lateness how late the tool itself sent
 * @param connectSeconds from the first connection to the last reader's readiness
 * @param seconds from the first message being due to the last arrival
 * @param publishSeconds from the first message being due to the last acknowledgement
 * @param toolCpu CPUs this tool used between settled and drained
 * @param otherCpu CPUs used by neither server nor tool; NaN without a server's pid
 * @param server null without a server's pid
 * @param firstFailure the first thing that went wrong, if anything did
 */
public record Result(
    Target target,
    Load load,
    long acknowledged,
    long failedPublishes,
    long expected,
    long received,
    long lost,
    long duplicates,
    long outOfOrder,
    long stray,
    long stale,
    long lostConnections,
    Latency latency,
    double passMicros,
    Latency ack,
    Latency lateness,
    double connectSeconds,
    double seconds,
    double publishSeconds,
    double toolCpu,
    double otherCpu,
    @Nullable ServerUse server,
    @Nullable String firstFailure) {

  /** Whether every acknowledged message reached every reader once and in order. */
  public boolean isFlawless() {
    return failedPublishes == 0
        && lost == 0
        && duplicates == 0
        && outOfOrder == 0
        && stray == 0
        && lostConnections == 0;
  }

  /** Deliveries a second; NaN if there were none. */
  public double deliveriesPerSecond() {
    return seconds > 0 ? received / seconds : Double.NaN;
  }

  /** Acknowledged publishes a second; NaN if there were none. */
  public double publishesPerSecond() {
    return publishSeconds > 0 ? acknowledged / publishSeconds : Double.NaN;
  }

  /** Server CPU per delivery, in µs; NaN without a server's pid or deliveries. */
  public double cpuMicrosPerDelivery() {
    return server != null && received > 0 ? (double) server.cpuMicros() / received : Double.NaN;
  }

  /**
   * Growth of the server's proportional memory per held connection, in bytes; NaN without a pid.
   */
  public double bytesPerConnection() {
    if (server == null) {
      return Double.NaN;
    }
    return (server.proportionalWaiting() - server.proportionalBefore())
        * 1024.0
        / load.connections();
  }

  /** One line of JSON; times in µs unless the name says otherwise. */
  public String json() {
    JsonLine line =
        new JsonLine()
            .with("server", target.name())
            .with("technique", load.technique().word())
            .with("connections", load.connections())
            .with("subscriptions", load.subscriptions())
            .with("topics", load.topics())
            .with("published_topics", load.publishedTopics())
            .with("messages", load.messages())
            .with("rate", load.rate())
            .with("size", load.size())
            .with("stalled", load.stalled())
            .with("acknowledged", acknowledged)
            .with("failed_publishes", failedPublishes)
            .with("expected", expected)
            .with("received", received)
            .with("lost", lost)
            .with("duplicates", duplicates)
            .with("out_of_order", outOfOrder)
            .with("stray", stray)
            .with("stale", stale)
            .with("lost_connections", lostConnections)
            .with("p50_us", latency.p50())
            .with("p90_us", latency.p90())
            .with("p99_us", latency.p99())
            .with("p999_us", latency.p999())
            .with("max_us", latency.max())
            .with("pass_p50_us", passMicros)
            .with("ack_p50_us", ack.p50())
            .with("ack_p99_us", ack.p99())
            .with("ack_max_us", ack.max())
            .with("late_p99_us", lateness.p99())
            .with("connect_s", connectSeconds)
            .with("seconds", seconds)
            .with("deliveries_s", deliveriesPerSecond())
            .with("publishes_s", publishesPerSecond())
            .with("tool_cpu", toolCpu);
    if (server != null) {
      line.with("other_cpu", otherCpu)
          .with("server_cpu_us", server.cpuMicros())
          .with("cpu_us_per_delivery", cpuMicrosPerDelivery())
          .with("bytes_per_connection", bytesPerConnection())
          .with("threads", server.threads())
          .with("idle_cpu", server.idleCpu())
          .with("rss_before_kb", server.residentBefore())
          .with("rss_waiting_kb", server.residentWaiting())
          .with("rss_after_kb", server.residentAfter())
          .with("rss_peak_kb", server.residentPeak())
          .with("pss_before_kb", server.proportionalBefore())
          .with("pss_waiting_kb", server.proportionalWaiting())
          .with("pss_after_kb", server.proportionalAfter());
    }
    if (firstFailure != null) {
      line.with("first_failure", firstFailure);
    }
    return line.toString();
  }
}
