package io.posthaste.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an instance must be like. What is empty asks nothing; of what is listed one must fit, and of
 * every label one value.
 *
 * @param addresses where it asks from
 * @param applications whose process it is; upper and lower case are one
 * @param labels what its labels say, by their names
 */
public record GrayMatch(
    List<AddressRange> addresses,
    List<String> applications,
    SortedMap<String, List<String>> labels) {
  public GrayMatch {
    addresses = List.copyOf(addresses);
    applications = List.copyOf(applications);
    SortedMap<String, List<String>> copy = new TreeMap<>();
    labels.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    labels = Collections.unmodifiableSortedMap(copy);
  }

  /** Those at one of these addresses. */
  public static GrayMatch addresses(List<AddressRange> addresses) {
    return new GrayMatch(addresses, List.of(), new TreeMap<>());
  }

  /** Those with a label. */
  public static GrayMatch label(String name, String value) {
    return new GrayMatch(List.of(), List.of(), new TreeMap<>(Map.of(name, List.of(value))));
  }

  boolean asksNothing() {
    return addresses.isEmpty() && applications.isEmpty() && labels.isEmpty();
  }

  /** Whether an instance is like that. */
  public boolean matches(Instance instance) {
    if (!applications.isEmpty()
        && applications.stream().noneMatch(instance.application()::equalsIgnoreCase)) {
      return false;
    }
    for (Map.Entry<String, List<String>> label : labels.entrySet()) {
      String value = instance.labels().get(label.getKey());
      if (value == null || !label.getValue().contains(value)) {
        return false;
      }
    }
    return addresses.isEmpty() || isAtOne(instance.address());
  }

  private boolean isAtOne(String text) {
    byte[] address = AddressRange.address(text);
    return address != null && addresses.stream().anyMatch(range -> range.contains(address));
  }

  /** What it asks, as names and values. */
  List<Map.Entry<String, String>> fields() {
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    addresses.forEach(range -> fields.add(Map.entry("address", range.toString())));
    applications.forEach(name -> fields.add(Map.entry("application", name)));
    labels.forEach(
        (name, values) -> values.forEach(value -> fields.add(Map.entry("label." + name, value))));
    return fields;
  }
}
