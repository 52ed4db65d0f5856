package io.posthaste.server;

/** Hears of what befalls an {@link Outlet}. Called by its shard's thread. */
public interface OutletListener {
  /** More can be taken again. */
  void onWritable();

  /**
   * Nothing was sent for a heartbeat's time: send something, so that proxies and the peer know that
   * we live.
   */
  void onHeartbeat();

  /**
   * The server is going down: say what lets the client come back elsewhere, after {@code
   * retryMillis}, then end.
   */
  void onShutdown(int retryMillis);

  /** Who may what has changed: end what the one who asked for it no longer may have. */
  default void onAccessChanged() {}

  /** What the connection is used for; asked now and then, when somebody wants to know. */
  default Use use() {
    return Use.HTTP;
  }

  /** The connection is gone, by whoever's doing. Called once, last. */
  void onClosed();
}
