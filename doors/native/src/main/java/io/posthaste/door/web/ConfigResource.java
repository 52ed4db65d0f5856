package io.posthaste.door.web;

import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.server.Exchange;
import java.util.List;

/** What is told of a config, or done with it, under a name of its own below the config's path. */
@FunctionalInterface
interface ConfigResource {
  /**
   * Answers a request, by whatever method, now or later.
   *
   * @param rest what follows the resource's name in the path, split at slashes and decoded
   */
  void handle(Exchange exchange, Session session, ConfigKey key, List<String> rest);
}
