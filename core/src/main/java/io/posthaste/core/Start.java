package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/** Where a reader begins. */
public sealed interface Start {
  /** What is published from now on. */
  Start NOW = new Now();

  /** All that is kept. */
  Start BEGINNING = new Beginning();

  /** What is published from now on. */
  record Now() implements Start {}

  /** All that is kept; never missed. */
  record Beginning() implements Start {}

  /**
   * What follows a place. Partitions of which the cursor does not speak are read from their
   * beginning: better twice than never.
   *
   * @param cursor the place
   */
  record After(Cursor cursor) implements Start {
    public After {
      requireNonNull(cursor, "cursor");
    }
  }

  /**
   * What was taken at that time or later; never missed.
   *
   * @param time the time, as the accepting nodes' clocks had it
   */
  record Since(Instant time) implements Start {
    public Since {
      requireNonNull(time, "time");
    }
  }

  /**
   * The newest messages, oldest of them first, then what is published from now on.
   *
   * @param count how many, 1 to 1,000
   */
  record Last(int count) implements Start {
    /** The most that may be asked for. */
    public static final int MAX = 1_000;

    public Last {
      if (count < 1 || count > MAX) {
        throw new MalformedException("last: " + count + " (expected: 1 to " + MAX + ")");
      }
    }
  }

  /**
   * Where a consumer stands. One that is not known yet is made, and begins now.
   *
   * @param name the consumer's name
   */
  record Consumer(String name) implements Start {
    public Consumer {
      Consumers.topicOf(name);
    }
  }
}
