package io.posthaste.client;

import java.time.Duration;
import java.util.List;

/** What a carrier brings, and asks. All by the thread that carries. */
interface Sink {
  /** The server has answered as it should: this technique works here. */
  void works() throws InterruptedException;

  /** A message; the cursor after it. */
  void message(Message message, String cursor) throws InterruptedException;

  /** A page of messages, and the cursor after all of it. */
  void page(Page page) throws InterruptedException;

  /** Messages are missing. */
  void missed(List<Gap> gaps) throws InterruptedException;

  /** All up to here was seen. */
  void cursor(String cursor);

  /** The server asks to stay away for so long when this has ended. */
  void comeBackAfter(Duration pause);

  /** Whether to end in order: something better is there. Asked at least once a second. */
  boolean leaves();
}
