package io.posthaste.server;

/**
 * Hears of what befalls an {@link Exchange} that is held. Called by its shard's thread, never after
 * the exchange was answered.
 */
public interface HoldListener {
  /** For an exchange whose answer is under way and comes soon, whoever may have gone meanwhile. */
  HoldListener SHORTLY =
      new HoldListener() {
        @Override
        public void onGone() {
          // What was begun goes on; its answer goes nowhere.
        }

        @Override
        public void onHurry() {
          // It does.
        }
      };

  /** The client has gone: nobody waits any more. Called once, last. */
  void onGone();

  /**
   * Answer now with what there is, usually nothing: the server is going down, or the client has
   * closed its sending side, so that only a write will show whether it still listens. An exchange
   * that is not answered soon is closed.
   */
  void onHurry();

  /** Who may what has changed: answer with a refusal if the one who asked no longer may. */
  default void onAccessChanged() {}

  /** What the connection is used for; asked now and then, when somebody wants to know. */
  default Use use() {
    return Use.HTTP;
  }
}
