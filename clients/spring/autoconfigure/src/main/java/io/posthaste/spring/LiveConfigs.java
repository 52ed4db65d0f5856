package io.posthaste.spring;

import io.posthaste.client.ConfigChange;
import io.posthaste.client.ConfigListener;
import io.posthaste.client.ConfigName;
import io.posthaste.client.Listening;
import io.posthaste.client.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/** Keeps the imported configs of an application up to date while it runs. */
final class LiveConfigs implements SmartLifecycle {
  private static final Log LOG = LogFactory.getLog(LiveConfigs.class);

  private final Connection connection;
  private final List<LivePropertySource> sources;
  private final Refreshing refreshing;
  private final ApplicationEventPublisher events;
  private final List<Listening> listenings = new ArrayList<>();
  private volatile boolean running;

  LiveConfigs(
      Connection connection,
      ConfigurableEnvironment environment,
      Refreshing refreshing,
      ApplicationEventPublisher events) {
    this.connection = connection;
    this.sources = sources(environment);
    this.refreshing = refreshing;
    this.events = events;
  }

  /** The imported configs of an environment. */
  static List<LivePropertySource> sources(ConfigurableEnvironment environment) {
    List<LivePropertySource> sources = new ArrayList<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof LivePropertySource live) {
        sources.add(live);
      }
    }
    return List.copyOf(sources);
  }

  List<LivePropertySource> sources() {
    return sources;
  }

  /** Whether the server could be reached when it was last tried. */
  boolean isReachable() {
    return connection.client().configs().isReachable();
  }

  @Override
  public synchronized void start() {
    running = true;
    if (connection.settings().refresh()) {
      for (LivePropertySource source : sources) {
        ConfigName name = source.getSource().imported().name();
        listenings.add(connection.client().configs().listen(name, new Follower(source)));
      }
    }
  }

  @Override
  public synchronized void stop() {
    running = false;
    listenings.forEach(Listening::close);
    listenings.clear();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Follows one config. */
  private final class Follower implements ConfigListener {
    private final LivePropertySource source;

    Follower(LivePropertySource source) {
      this.source = source;
    }

    @Override
    public void onChange(ConfigChange change) {
      Set<String> keys;
      try {
        keys = source.become(change.now().orElse(null));
      } catch (IllegalArgumentException e) {
        LOG.error("The values before are kept: " + e.getMessage());
        return;
      }
      if (keys.isEmpty()) {
        return; // what the application began with, or other comments
      }
      LOG.info("Changed " + source.getName() + ": " + keys);
      refreshing.refresh(keys);
      events.publishEvent(new ConfigChangedEvent(LiveConfigs.this, change.name(), keys));
    }

    @Override
    public void onRefused(ConfigName name, RefusedException why) {
      LOG.error("No changes of " + name + " will be heard: " + why.getMessage());
    }
  }
}
