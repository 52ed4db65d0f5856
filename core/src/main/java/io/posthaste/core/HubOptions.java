package io.posthaste.core;

/**
 * Settings of a hub that few need to change.
 *
 * @param tailBytes memory for the recent messages of topics that have readers, in bytes
 * @param lingerMillis how long a topic's recent messages are kept at hand after its last reader has
 *     gone
 * @param pageMessages how many messages a reader that is behind takes from the log at a time
 * @param pageBytes and how many bytes
 * @param logReads how many such pages are read at the same time; the product of the two is the
 *     memory for them
 */
public record HubOptions(
    long tailBytes, long lingerMillis, int pageMessages, int pageBytes, int logReads) {
  private static final long MOST_TAIL_BYTES = 64 << 20;

  /**
   * An eighth of the heap for tails, 64 MiB at most; 10 s; pages of 256 messages or 256 KiB, 16 at
   * a time.
   */
  public static HubOptions defaults() {
    long tailBytes = Math.min(MOST_TAIL_BYTES, Runtime.getRuntime().maxMemory() / 8);
    return new HubOptions(tailBytes, 10_000, 256, 256 << 10, 16);
  }

  public HubOptions {
    if (tailBytes < 0 || lingerMillis < 0 || pageMessages < 1 || pageBytes < 1 || logReads < 1) {
      throw new IllegalArgumentException(
          "hub options: "
              + tailBytes
              + ", "
              + lingerMillis
              + ", "
              + pageMessages
              + ", "
              + pageBytes
              + ", "
              + logReads
              + " (expected: times and sizes of 0 or more, pages and reads of 1 or more)");
    }
  }
}
