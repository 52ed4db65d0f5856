package io.posthaste.spring;

import io.posthaste.client.Configs;
import io.posthaste.client.Posthaste;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindingPostProcessor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** A client for the application, and its imported configs kept up to date. Found by Boot. */
@AutoConfiguration(afterName = "org.springframework.cloud.autoconfigure.RefreshAutoConfiguration")
@ConditionalOnProperty(name = "posthaste.enabled", matchIfMissing = true)
@EnableConfigurationProperties
class PosthasteAutoConfiguration {
  /** That by which configs were imported, so that there is one client. */
  @Bean
  Connection posthasteConnection(ConfigurableEnvironment environment) {
    List<LivePropertySource> sources = LiveConfigs.sources(environment);
    return sources.isEmpty()
        ? new Connection(PosthasteProperties.of(Binder.get(environment)))
        : sources.get(0).getSource().connection();
  }

  @Bean(destroyMethod = "") // the connection closes it
  @ConditionalOnMissingBean
  Posthaste posthaste(Connection connection) {
    return connection.client();
  }

  @Bean
  @ConditionalOnMissingBean
  Configs posthasteConfigs(Posthaste posthaste) {
    return posthaste.configs();
  }

  @Bean
  LiveConfigs posthasteLiveConfigs(
      Connection connection,
      ConfigurableEnvironment environment,
      Refreshing refreshing,
      ApplicationContext context) {
    return new LiveConfigs(connection, environment, refreshing, context);
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(RefreshScope.class)
  static class WithSpringCloud {
    @Bean
    @ConditionalOnBean(RefreshScope.class)
    Refreshing posthasteCloudRefreshing(ApplicationContext context, RefreshScope scope) {
      return new CloudRefreshing(context, scope);
    }
  }

  @Bean
  @ConditionalOnMissingBean
  Refreshing posthasteRebinding(
      ApplicationContext context,
      ConfigurableEnvironment environment,
      ConfigurationPropertiesBindingPostProcessor binding) {
    return new Rebinding(context, environment, binding);
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.actuate.health.HealthIndicator")
  @ConditionalOnProperty(name = "management.health.posthaste.enabled", matchIfMissing = true)
  static class OfBoot3 {
    @Bean
    Boot3Health posthasteHealthIndicator(LiveConfigs configs) {
      return new Boot3Health(new HealthDetails(configs));
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(name = "org.springframework.boot.health.contributor.HealthIndicator")
  @ConditionalOnProperty(name = "management.health.posthaste.enabled", matchIfMissing = true)
  static class OfBoot4 {
    @Bean
    Boot4Health posthasteHealthIndicator(LiveConfigs configs) {
      return new Boot4Health(new HealthDetails(configs));
    }
  }
}
