package io.posthaste.spring;

import io.posthaste.client.Config;
import io.posthaste.client.RefusedException;
import io.posthaste.client.UnreachableException;
import java.util.List;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigData;
import org.springframework.boot.context.config.ConfigDataLoader;
import org.springframework.boot.context.config.ConfigDataLoaderContext;
import org.springframework.boot.context.config.ConfigDataResourceNotFoundException;
import org.springframework.boot.logging.DeferredLogFactory;

/** Fetches configs while an application starts. */
final class PosthasteConfigDataLoader implements ConfigDataLoader<PosthasteConfigDataResource> {
  private final Log log;

  /**
   * @param logs for what is said before there is logging
   */
  PosthasteConfigDataLoader(DeferredLogFactory logs) {
    this.log = logs.getLog(PosthasteConfigDataLoader.class);
  }

  @Override
  public ConfigData load(ConfigDataLoaderContext context, PosthasteConfigDataResource resource) {
    if (!resource.connection().settings().enabled()) {
      return ConfigData.EMPTY;
    }
    LivePropertySource source = new LivePropertySource(resource);
    Config config = fetch(resource);
    if (config != null) {
      source.become(config);
    } else if (!resource.isLenient()) {
      throw new ConfigDataResourceNotFoundException(resource);
    }
    return resource.isProfileSpecific()
        ? new ConfigData(List.of(source), ConfigData.Option.PROFILE_SPECIFIC)
        : new ConfigData(List.of(source));
  }

  private @Nullable Config fetch(PosthasteConfigDataResource resource) {
    try {
      Config config = resource.connection().get(resource.imported().name()).orElse(null);
      if (config != null) {
        log.info("Imported " + resource.imported() + " (" + config.source() + ")");
      }
      return config;
    } catch (UnreachableException e) {
      if (resource.isLenient()) {
        log.warn("Started without " + resource + " for now: " + e.getMessage());
        return null;
      }
      throw new ConfigImportException(resource, e);
    } catch (RefusedException e) {
      throw new ConfigImportException(resource, e);
    }
  }
}
