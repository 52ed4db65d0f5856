package io.posthaste.door.nacos;

import io.posthaste.config.Instance;
import io.posthaste.server.Exchange;
import io.posthaste.server.Request;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which instance asks, as far as a client of the 1.x line says. */
final class Callers {
  private static final int MAX_CHARS = 256;

  private Callers() {}

  /** Who asks. */
  static Instance of(Exchange exchange) {
    return of(exchange, text(exchange.request().header(GrayNames.TAG_LABEL)));
  }

  /**
   * Who asks, with a tag.
   *
   * @param tag empty for none
   */
  static Instance of(Exchange exchange, String tag) {
    Request request = exchange.request();
    TreeMap<String, String> labels = new TreeMap<>();
    if (!tag.isEmpty()) {
      labels.put(GrayNames.TAG_LABEL, tag);
    }
    String application = text(request.header("Client-AppName"));
    return new Instance(
        "", // it says none, so several behind one address are one
        exchange.client().getHostAddress(),
        application.equals("unknown") ? "" : application,
        labels,
        text(request.header("Client-Version")));
  }

  private static String text(@Nullable String header) {
    return header == null || header.length() > MAX_CHARS ? "" : header;
  }
}
