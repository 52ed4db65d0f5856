package io.posthaste.core;

import java.util.List;

/**
 * Hears what is committed. Called by one thread a partition at a time, in log order; must neither
 * block nor throw.
 */
public interface CommitListener {
  /**
   * These messages are committed, readable, and not yet acknowledged to their publishers. The
   * engine has made {@code head} visible to {@link Log#head} before this call.
   *
   * @param partition the part of the log
   * @param messages in order; at least all those of wanted topics since the call before
   * @param head the sequence up to which this node has now heard everything
   */
  void onCommit(int partition, List<Message> messages, long head);

  /**
   * The publishers of what was committed so far have been answered, as far as they are on this
   * node: now is the time to fan out. An engine whose acknowledgements travel apart from its
   * commits calls this straight after {@link #onCommit}.
   */
  void onAcknowledged(int partition);

  /**
   * Commits may have been lost to this listener. Readers of the partition must read the log from
   * their cursors; commits after this call are heard again.
   */
  void onInterrupted(int partition);
}
