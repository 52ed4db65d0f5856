package io.posthaste.door.apollo;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.Instance;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import io.posthaste.server.PercentCoding;
import io.posthaste.server.Request;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a request asks in its path and query. */
final class Asked {
  /** What a client says of itself as {@code label=} is known to gray rules by this name. */
  static final String LABEL = "label";

  private static final int MAX_CHARS = 256;

  private final Exchange exchange;
  private final Map<String, List<String>> query;

  Asked(Exchange exchange) {
    this.exchange = exchange;
    this.query = exchange.request().query();
  }

  /**
   * The parts of the path behind a prefix, decoded.
   *
   * @throws MalformedException if they are not so many
   */
  List<String> path(String prefix, int parts) {
    List<String> found = path(exchange.request(), prefix);
    if (found.size() != parts) {
      throw new MalformedException(
          "path: " + found.size() + " parts behind " + prefix + " (expected: " + parts + ")");
    }
    return found;
  }

  static List<String> path(Request request, String prefix) {
    return List.of(request.rawPath().substring(prefix.length()).split("/", -1)).stream()
        .map(PercentCoding::decode)
        .toList();
  }

  /** The value of a parameter, the first where there are several; empty if there is none. */
  String text(String name) {
    List<String> all = query.get(name);
    return all == null ? "" : all.get(0);
  }

  /**
   * The value of a parameter that must be there.
   *
   * @throws MalformedException if it is not, or is empty
   */
  String required(String name) {
    String value = text(name);
    if (value.isEmpty()) {
      throw new MalformedException(name + ": missing (expected: it in the query)");
    }
    return value;
  }

  /**
   * A number.
   *
   * @throws MalformedException if it is none
   */
  long number(String name, long fallback) {
    String value = text(name);
    try {
      return value.isEmpty() ? fallback : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new MalformedException(
          name + ": " + MalformedException.quote(value) + " (expected: a number)");
    }
  }

  /** Who asks for an application's cluster, as far as polls say it too. */
  Callers.Name caller(String appId, String cluster) {
    return new Callers.Name(
        exchange.client().getHostAddress(), address(), appId, cluster, text("dataCenter"));
  }

  private String address() {
    String ip = text("ip");
    boolean isSaid = !ip.isEmpty() && ip.length() <= MAX_CHARS;
    return isSaid ? ip : exchange.client().getHostAddress();
  }

  /** The instance of an application that asks. */
  Instance instance(String appId) {
    String label = text("label");
    TreeMap<String, String> labels = new TreeMap<>();
    if (!label.isEmpty() && label.length() <= MAX_CHARS) {
      labels.put(LABEL, label);
    }
    return new Instance("", address(), appId, labels, "");
  }

  /**
   * What must be readable for an application's cluster to be.
   *
   * @throws MalformedException if a name is not legal
   */
  static ConfigKey key(String appId, String cluster, NamespaceName name) {
    return new ConfigKey(Clusters.namespace(cluster), appId, name.config());
  }
}
