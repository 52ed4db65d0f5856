package io.posthaste.spring;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** An application's health, of Boot 4. */
final class Boot4Health implements HealthIndicator {
  private final HealthDetails details;

  Boot4Health(HealthDetails details) {
    this.details = details;
  }

  @Override
  public Health health() {
    Health.Builder health = details.isUp() ? Health.up() : Health.unknown();
    return health.withDetails(details.all()).build();
  }
}
