package io.posthaste.spring;

import java.util.Set;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ApplicationContext;

/**
 * Leaves it to Spring Cloud: its listeners bind beans anew and set levels of loggers, and beans of
 * {@code @RefreshScope} are made anew when they are next used.
 */
final class CloudRefreshing implements Refreshing {
  private final ApplicationContext context;
  private final RefreshScope scope;

  CloudRefreshing(ApplicationContext context, RefreshScope scope) {
    this.context = context;
    this.scope = scope;
  }

  @Override
  public void refresh(Set<String> keys) {
    context.publishEvent(new EnvironmentChangeEvent(context, keys));
    scope.refreshAll();
  }
}
