package io.posthaste.door.web;

import io.posthaste.config.Instance;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import io.posthaste.server.PercentCoding;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code Posthaste-Client: application=shop&instance=shop-7&label.zone=a&client=java}: which
 * instance asks, as far as it says. What it says is not proved; its address is what the server
 * sees.
 */
final class CallerHeader {
  static final String NAME = "posthaste-client";

  private static final String LABEL = "label.";
  private static final int MAX_LABELS = 32;
  private static final int MAX_CHARS = 128;

  private CallerHeader() {}

  /**
   * Who asks. To be called before the exchange is answered.
   *
   * @throws MalformedException if the header cannot be read
   */
  static Instance of(Exchange exchange) {
    return parse(exchange.request().header(NAME), exchange.client().getHostAddress());
  }

  static Instance parse(@Nullable String header, String address) {
    if (header == null || header.isEmpty()) {
      return Instance.at(address, Map.of());
    }
    Map<String, List<String>> said = PercentCoding.decodeQuery(header);
    TreeMap<String, String> labels = new TreeMap<>();
    said.forEach(
        (name, values) -> {
          String value = one(name, values);
          if (name.startsWith(LABEL)) {
            labels.put(name.substring(LABEL.length()), value);
          }
        });
    if (labels.size() > MAX_LABELS) {
      throw new MalformedException(
          "Posthaste-Client: " + labels.size() + " labels (expected: at most " + MAX_LABELS + ")");
    }
    return new Instance(
        said(said, "instance"), address, said(said, "application"), labels, said(said, "client"));
  }

  private static String said(Map<String, List<String>> said, String name) {
    return said.getOrDefault(name, List.of("")).get(0);
  }

  private static String one(String name, List<String> values) {
    String value = values.get(0);
    if (values.size() > 1
        || value.length() > MAX_CHARS
        || name.length() > LABEL.length() + MAX_CHARS) {
      throw new MalformedException(
          "Posthaste-Client: "
              + MalformedException.quote(name)
              + " (expected: once, and at most "
              + MAX_CHARS
              + " characters)");
    }
    return value;
  }
}
