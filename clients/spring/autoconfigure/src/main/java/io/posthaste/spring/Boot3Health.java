package io.posthaste.spring;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** An application's health, of Boot 3. */
final class Boot3Health implements HealthIndicator {
  private final HealthDetails details;

  Boot3Health(HealthDetails details) {
    this.details = details;
  }

  @Override
  public Health health() {
    Health.Builder health = details.isUp() ? Health.up() : Health.unknown();
    return health.withDetails(details.all()).build();
  }
}
