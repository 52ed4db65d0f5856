package io.posthaste.server;

import io.netty.buffer.ByteBuf;

/** Takes everything and sends nothing: for an answer to HEAD, or to a client that has gone. */
final class DeadOutlet implements Outlet {
  private static final DeadOutlet INSTANCE = new DeadOutlet();

  private DeadOutlet() {}

  /** An outlet whose listener soon hears that it is closed. */
  static Outlet begin(Loop loop, OutletListener listener) {
    loop.eventLoop().execute(listener::onClosed);
    return INSTANCE;
  }

  @Override
  public boolean write(Encoded unit) {
    return true;
  }

  @Override
  public boolean write(ByteBuf prefix, Encoded rest) {
    prefix.release();
    return true;
  }

  @Override
  public boolean write(ByteBuf unit) {
    unit.release();
    return true;
  }

  @Override
  public void flush() {}

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void end() {}
}
