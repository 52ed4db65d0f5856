package io.posthaste.spring;

import io.posthaste.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/** The properties of an imported config, as of its newest version. Read by any thread. */
final class LivePropertySource extends EnumerablePropertySource<PosthasteConfigDataResource>
    implements OriginLookup<String> {
  private volatile Version version = new Version(null, Map.of());
  private volatile String trouble = "";

  /** A version with its properties. */
  private record Version(@Nullable Config config, Map<String, Object> properties) {}

  LivePropertySource(PosthasteConfigDataResource resource) {
    super(resource.imported().toString(), resource);
  }

  /** The version that holds; null if there is none. */
  @Nullable Config config() {
    return version.config;
  }

  /** Why the newest version is not the one that holds; empty if it is. */
  String trouble() {
    return trouble;
  }

  /**
   * Takes over a version.
   *
   * @param config null if there is none any more
   * @return the names of the properties of which the value is another one now
   * @throws IllegalArgumentException if it cannot be read; then everything stays as it was
   */
  Set<String> become(@Nullable Config config) {
    Map<String, Object> fresh;
    try {
      fresh = config == null ? Map.of() : properties(config);
      trouble = "";
    } catch (IOException | RuntimeException e) {
      trouble = getName() + " cannot be read: " + e.getMessage();
      throw new IllegalArgumentException(trouble, e);
    }
    Map<String, Object> old = version.properties;
    version = new Version(config, fresh);
    Set<String> changed = new HashSet<>(fresh.keySet());
    changed.addAll(old.keySet());
    changed.removeIf(key -> Objects.equals(plain(old.get(key)), plain(fresh.get(key))));
    return changed;
  }

  private Map<String, Object> properties(Config config) throws IOException {
    String said = source.imported().format();
    String format = said.isEmpty() ? config.format() : said;
    if (format.equals("yaml")) {
      return yaml(config);
    }
    if (format.equals("text")) {
      throw new IOException(
          "its format is text (expected: properties, yaml or json; say it when publishing it, or"
              + " by ?format= in the import)");
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    Origin origin = new ConfigOrigin(String.valueOf(config));
    config
        .keysAs(format)
        .forEach((key, value) -> properties.put(key, OriginTrackedValue.of(value, origin)));
    return Collections.unmodifiableMap(properties);
  }

  /** Where a property is from, as Boot's messages tell it. */
  private record ConfigOrigin(String text) implements Origin {
    @Override
    public String toString() {
      return text;
    }
  }

  /** As Boot reads an application's own YAML. */
  private Map<String, Object> yaml(Config config) throws IOException {
    byte[] content = config.content().getBytes(StandardCharsets.UTF_8);
    List<PropertySource<?>> documents =
        new YamlPropertySourceLoader()
            .load(getName(), new ByteArrayResource(content, String.valueOf(config)));
    if (documents.size() > 1) {
      throw new IOException(
          "it has "
              + documents.size()
              + " documents (expected: one; what belongs to a profile"
              + " goes into a config of its own, NAME-PROFILE.yaml)");
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    for (PropertySource<?> document : documents) {
      ((Map<?, ?>) document.getSource())
          .forEach((key, value) -> properties.put(String.valueOf(key), value));
    }
    return Collections.unmodifiableMap(properties);
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return value instanceof OriginTrackedValue tracked ? tracked.getValue() : value;
  }

  @Override
  public String[] getPropertyNames() {
    return version.properties.keySet().toArray(new String[0]);
  }

  @Override
  public @Nullable Object getProperty(String name) {
    return plain(version.properties.get(name));
  }

  @Override
  public boolean containsProperty(String name) {
    return version.properties.containsKey(name);
  }

  @Override
  public @Nullable Origin getOrigin(String name) {
    return version.properties.get(name) instanceof OriginTrackedValue tracked
        ? tracked.getOrigin()
        : null;
  }

  // Sources are told apart by their names, as everywhere in Spring.
  @Override
  public boolean equals(@Nullable Object other) {
    return super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }
}
