package io.posthaste.spring;

import io.posthaste.client.Config;
import io.posthaste.client.ConfigName;
import io.posthaste.client.Posthaste;
import io.posthaste.client.UnreachableException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The client of an application; made when it is first needed. Safe for any thread. */
final class Connection implements AutoCloseable {
  private final PosthasteProperties settings;
  private @Nullable Posthaste client;
  private @Nullable UnreachableException unreachable;
  private boolean rely; // on what is kept

  Connection(PosthasteProperties settings) {
    this.settings = settings;
  }

  PosthasteProperties settings() {
    return settings;
  }

  synchronized Posthaste client() {
    if (client == null) {
      client = settings.client();
    }
    return client;
  }

  /**
   * A config, while the application starts. Once no server could be reached, what is kept on disk
   * has to do, and none is waited for where something is.
   *
   * @throws UnreachableException if no server could be reached, and nothing is kept
   */
  synchronized Optional<Config> get(ConfigName name) {
    if (rely) {
      Optional<Config> kept = client().configs().kept(name);
      if (kept.isPresent()) {
        return kept;
      }
    }
    if (unreachable != null) {
      throw unreachable;
    }
    try {
      Optional<Config> found = client().configs().get(name);
      rely |= found.filter(config -> config.source() == Config.Source.SNAPSHOT).isPresent();
      return found;
    } catch (UnreachableException e) {
      rely = true;
      unreachable = e;
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
    }
  }
}
