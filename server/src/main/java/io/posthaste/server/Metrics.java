package io.posthaste.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The figures that {@code GET /metrics} shows, in Prometheus' text format. Figures are read when
 * they are asked for; the registry is made at the first time, so that starting up does not wait for
 * it. Safe for all threads.
 */
public final class Metrics {
  private final List<Consumer<MeterRegistry>> meters = new ArrayList<>();
  private @Nullable PrometheusMeterRegistry registry;

  /** The figures of connections and memory; others are added to them. */
  public Metrics(Traffic traffic) {
    String kinds = "Connections open now, by what they are used for";
    gauge("posthaste_connections", kinds, "kind", "stream", traffic::streams);
    gauge("posthaste_connections", kinds, "kind", "websocket", traffic::webSockets);
    gauge("posthaste_connections", kinds, "kind", "held", traffic::held);
    gauge("posthaste_connections", kinds, "kind", "other", () -> others(traffic));
    counter("posthaste_connections_accepted", "Connections accepted", traffic::accepted);
    for (int i = 1; i <= 5; i++) {
      int statusClass = i;
      counter(
          "posthaste_http_answers",
          "HTTP answers begun, by class of status",
          "status",
          i + "xx",
          () -> traffic.answers(statusClass));
    }
    counter("posthaste_sent_bytes", "Bytes written to connections", traffic::bytesOut);
    counter("posthaste_received_bytes", "Bytes read from connections", traffic::bytesIn);
    String cuts = "Connections that the server cut, by reason";
    counter("posthaste_connections_cut", cuts, "reason", "stalled", traffic::stallsCut);
    counter("posthaste_connections_cut", cuts, "reason", "half-open", traffic::halfOpenCut);
    for (Traffic.Handshake end : Traffic.Handshake.values()) {
      counter(
          "posthaste_tls_handshakes",
          "TLS handshakes, by how they ended",
          "result",
          end.name().toLowerCase(Locale.ROOT),
          () -> traffic.handshakes(end));
    }
    gauge(
        "posthaste_direct_memory_bytes",
        "Memory outside the heap that buffers use",
        PlatformDependent::usedDirectMemory);
    gauge(
        "posthaste_heap_bytes",
        "Heap in use, garbage included",
        () -> {
          Runtime runtime = Runtime.getRuntime();
          return runtime.totalMemory() - runtime.freeMemory();
        });
  }

  private static double others(Traffic traffic) {
    return Math.max(
        0, traffic.connections() - traffic.streams() - traffic.webSockets() - traffic.held());
  }

  /** Adds a figure that may go up and down. */
  public void gauge(String name, String help, DoubleSupplier value) {
    add(registry -> Gauge.builder(name, value::getAsDouble).description(help).register(registry));
  }

  /** Adds a figure that may go up and down, one of several that a label tells apart. */
  public void gauge(String name, String help, String label, String is, DoubleSupplier value) {
    add(
        registry ->
            Gauge.builder(name, value::getAsDouble)
                .description(help)
                .tag(label, is)
                .register(registry));
  }

  /** Adds a figure that only goes up; {@code _total} is added to its name. */
  public void counter(String name, String help, DoubleSupplier value) {
    add(
        registry ->
            FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .description(help)
                .register(registry));
  }

  /** Adds a figure that only goes up, one of several that a label tells apart. */
  public void counter(String name, String help, String label, String is, DoubleSupplier value) {
    add(
        registry ->
            FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .description(help)
                .tag(label, is)
                .register(registry));
  }

  private synchronized void add(Consumer<MeterRegistry> meter) {
    meters.add(meter);
    if (registry != null) {
      meter.accept(registry);
    }
  }

  /** All figures in Prometheus' text format. */
  public synchronized String scrape() {
    PrometheusMeterRegistry all = registry;
    if (all == null) {
      PrometheusMeterRegistry made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      meters.forEach(meter -> meter.accept(made));
      registry = all = made;
    }
    return all.scrape();
  }

  /** Answers with all figures. */
  void answer(Exchange exchange) {
    Response response =
        Response.of(
            200,
            Map.of(
                "Content-Type", "text/plain; version=0.0.4; charset=utf-8",
                "Cache-Control", "no-store"),
            ByteBufUtil.writeUtf8(exchange.alloc(), scrape()));
    exchange.respond(response);
    response.release();
  }
}
