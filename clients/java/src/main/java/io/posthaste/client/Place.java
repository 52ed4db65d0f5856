package io.posthaste.client;

import org.jspecify.annotations.Nullable;

/** How far a reading has come. Written by one thread, read by any. */
final class Place {
  private final Reading reading;
  private volatile @Nullable String cursor;

  Place(Reading reading) {
    this.reading = reading;
    this.cursor = reading.cursor();
  }

  /** What is to be read from here on. */
  Reading rest() {
    String here = cursor;
    return here == null ? reading : reading.after(here);
  }

  @Nullable String cursor() {
    return cursor;
  }

  void moveTo(String cursor) {
    this.cursor = cursor;
  }
}
