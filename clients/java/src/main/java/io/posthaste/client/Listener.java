package io.posthaste.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;

/**
 * Is told of messages. All methods are called by the subscription's own thread, one after another;
 * while one runs nothing is read, and the server keeps the reader's place. What a method throws is
 * logged, and the subscription goes on.
 */
@FunctionalInterface
public interface Listener {
  /** A message: each once, in log order. */
  void onMessage(Message message) throws Exception;

  /**
   * Messages were missed: they came while the client was away, and are no longer kept. What is kept
   * follows. Logged as a warning unless overridden.
   *
   * @param gaps where
   */
  default void onMissed(List<Gap> gaps) throws Exception {
    Logs.LOGGER.log(Level.WARNING, "messages were missed, they are no longer kept: {0}", gaps);
  }

  /** The subscription is carried by this technique from now on. */
  default void onConnected(Technique technique) throws Exception {}

  /**
   * The connection broke, or none could be made. The client tries again by itself; nothing is lost
   * by that.
   *
   * @param why what happened
   * @param failures how often in a row, from 1
   * @param pause until the next try
   */
  default void onTrouble(Exception why, int failures, Duration pause) throws Exception {
    Level level = failures == 3 ? Level.WARNING : Level.DEBUG;
    Logs.LOGGER.log(level, "no updates for now, trying again in {0}: {1}", pause, why.toString());
  }

  /** The server refuses the subscription for good, and it has ended. Logged unless overridden. */
  default void onRefused(RefusedException why) throws Exception {
    Logs.LOGGER.log(Level.ERROR, "a subscription has ended, it was refused: {0}", why.getMessage());
  }
}
