package io.posthaste.spring;

import io.posthaste.client.ConfigName;
import java.util.Set;
import org.springframework.context.ApplicationEvent;

/**
 * An imported config has another version, and the environment and the beans that are bound to it
 * have the new values. Published by the thread that tells of configs: a listener that takes long
 * holds up the next change.
 */
public final class ConfigChangedEvent extends ApplicationEvent {
  private static final long serialVersionUID = 1;

  private final transient ConfigName name;
  private final Set<String> keys;

  ConfigChangedEvent(Object source, ConfigName name, Set<String> keys) {
    super(source);
    this.name = name;
    this.keys = Set.copyOf(keys);
  }

  /** The config. */
  public ConfigName name() {
    return name;
  }

  /** The properties of which the value is another one, such as {@code shop.price}. */
  public Set<String> keys() {
    return keys;
  }
}
