package io.posthaste.door.tcp;

import java.util.List;

/** Hears what a subscription brings. Called by the client's loop, which must not be blocked. */
public interface TcpListener {
  /** A message. */
  void onMessage(TcpMessage message);

  /**
   * Where the reader stands. Called first of all, once messages that are published from now on will
   * come, and now and then while it is quiet.
   */
  default void onPlace(String cursor) {}

  /** The cursor lacks messages that are no longer kept; what follows goes on behind them. */
  default void onMissed(List<TcpGap> gaps) {}

  /**
   * It is over: refused ({@link TcpRefusedException}), or the connection has ended ({@link
   * java.io.IOException}). Resume with the last cursor. Called once, last; not after {@link
   * TcpClient.Subscribed#close}.
   */
  default void onEnded(Throwable reason) {}
}
