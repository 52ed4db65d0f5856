package io.posthaste.spring;

import io.posthaste.client.Config;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is said about configs in an application's health. Up while changes are heard; unknown, which
 * takes no instance out of service, while it runs on what it has.
 */
final class HealthDetails {
  private final LiveConfigs configs;

  HealthDetails(LiveConfigs configs) {
    this.configs = configs;
  }

  boolean isUp() {
    return configs.isReachable()
        && configs.sources().stream().allMatch(source -> source.trouble().isEmpty());
  }

  Map<String, Object> all() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("reachable", configs.isReachable());
    for (LivePropertySource source : configs.sources()) {
      Config config = source.config();
      String trouble = source.trouble();
      String version = config == null ? "none" : config.source() + " " + config.id();
      details.put(
          source.getSource().imported().name().toString(),
          trouble.isEmpty() ? version : version + ", " + trouble);
    }
    return details;
  }
}
