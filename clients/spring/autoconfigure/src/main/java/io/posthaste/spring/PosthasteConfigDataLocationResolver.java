package io.posthaste.spring;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataLocationResolver;
import org.springframework.boot.context.config.ConfigDataLocationResolverContext;
import org.springframework.boot.context.config.Profiles;

/**
 * Understands {@code posthaste:} in {@code spring.config.import}. Boot makes one for each start of
 * an application, so that all its imports share a connection.
 */
final class PosthasteConfigDataLocationResolver
    implements ConfigDataLocationResolver<PosthasteConfigDataResource> {
  private @Nullable Connection connection;

  @Override
  public boolean isResolvable(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    return location.hasPrefix(ConfigImport.PREFIX);
  }

  @Override
  public List<PosthasteConfigDataResource> resolve(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    Connection connection = connection(context);
    boolean lenient = location.isOptional() || !connection.settings().failFast();
    return List.of(
        new PosthasteConfigDataResource(parse(location, connection), connection, false, lenient));
  }

  @Override
  public List<PosthasteConfigDataResource> resolveProfileSpecific(
      ConfigDataLocationResolverContext context, ConfigDataLocation location, Profiles profiles) {
    Connection connection = connection(context);
    List<PosthasteConfigDataResource> resources = new ArrayList<>();
    if (connection.settings().enabled()) {
      ConfigImport imported = parse(location, connection);
      for (String profile : profiles.getActive()) {
        resources.add(
            new PosthasteConfigDataResource(imported.of(profile), connection, true, true));
      }
    }
    return resources;
  }

  private static ConfigImport parse(ConfigDataLocation location, Connection connection) {
    return ConfigImport.parse(
        location.getNonPrefixedValue(ConfigImport.PREFIX), connection.settings());
  }

  /** By what is known of the settings when the first import is resolved. */
  private Connection connection(ConfigDataLocationResolverContext context) {
    Connection known = connection;
    if (known == null) {
      known = new Connection(PosthasteProperties.of(context.getBinder()));
      connection = known;
    }
    return known;
  }
}
