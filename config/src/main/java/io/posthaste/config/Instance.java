package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who asks for a config: one process of a service, as far as its client says. What is not known is
 * empty.
 *
 * @param id by which it is the same one tomorrow: if it has none, what its label {@link #ID_LABEL}
 *     says, else its address
 * @param address where it asks from, in numbers
 * @param application whose process it is
 * @param labels what it says of itself beside
 * @param clientVersion which client it has, and of which version
 */
public record Instance(
    String id,
    String address,
    String application,
    SortedMap<String, String> labels,
    String clientVersion) {
  /** The label by which an instance says its id, where its client has no other way to. */
  public static final String ID_LABEL = "instance";

  /** Of whom nothing is known: it sees what everybody sees. */
  public static final Instance UNKNOWN = new Instance("", "", "", new TreeMap<>(), "");

  public Instance {
    requireNonNull(address, "address");
    requireNonNull(application, "application");
    requireNonNull(clientVersion, "clientVersion");
    id = id.isEmpty() ? labels.getOrDefault(ID_LABEL, address) : id;
    labels =
        labels.isEmpty()
            ? Collections.emptySortedMap() // most have none, and there are many
            : Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** Of whom the address is known, and perhaps labels. */
  public static Instance at(String address, Map<String, String> labels) {
    return new Instance("", address, "", new TreeMap<>(labels), "");
  }
}
