package io.posthaste.door.nacos;

import io.posthaste.server.HoldListener;

/** An exchange whose answer is under way and comes soon, whoever may have gone meanwhile. */
enum Held implements HoldListener {
  SHORTLY;

  @Override
  public void onGone() {
    // What was begun goes on; its answer goes nowhere.
  }

  @Override
  public void onHurry() {
    // It does.
  }
}
