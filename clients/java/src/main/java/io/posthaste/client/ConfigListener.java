package io.posthaste.client;

import java.lang.System.Logger.Level;

/**
 * Is told of a config's versions. Both methods are called by one thread for all configs of a
 * client: a listener that takes long holds up the others, and is then told of the newest version
 * only. What a method throws is logged.
 */
@FunctionalInterface
public interface ConfigListener {
  /**
   * A version: first the one that there is, then each newer one. None comes twice in a row, and of
   * those for all none that is older than one that came, whatever breaks between. A gray version
   * comes when it begins to be meant for this instance; when that ends, the one for all follows.
   */
  void onChange(ConfigChange change) throws Exception;

  /** The server refuses to tell of this config, and will not be asked again. Logged as an error. */
  default void onRefused(ConfigName name, RefusedException why) throws Exception {
    Logs.LOGGER.log(Level.ERROR, "{0} is not listened to: {1}", name, why.getMessage());
  }
}
