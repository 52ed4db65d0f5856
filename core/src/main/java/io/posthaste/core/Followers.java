package io.posthaste.core;

import static java.util.Objects.requireNonNull;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The listeners of an engine. Each is told of every commit that the engine hears of while it wants
 * any topic at all: to look every message up in the interest of each would cost more than the
 * listener's own look-up of its readers.
 *
 * <p>{@link #follow} and {@link #close} may be called from any thread. The other methods are for
 * the engine, one thread a partition at a time; {@link #committed} must be called after the commit
 * is visible to {@link Log#head}, or a listener that comes just then could miss it.
 */
public final class Followers {
  private static final Logger LOG = System.getLogger(Followers.class.getName());

  private final List<Follower> followers = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /** As {@link Log#follow}. */
  public Interest follow(CommitListener listener) {
    Follower follower = new Follower(requireNonNull(listener, "listener"));
    followers.add(follower);
    return follower;
  }

  /** Whether anybody would hear of a commit. */
  public boolean isEmpty() {
    return followers.isEmpty();
  }

  /** Passes {@link CommitListener#onCommit} on. */
  public void committed(int partition, List<Message> messages, long head) {
    tell(listener -> listener.onCommit(partition, messages, head));
  }

  /** Passes {@link CommitListener#onAcknowledged} on. */
  public void acknowledged(int partition) {
    tell(listener -> listener.onAcknowledged(partition));
  }

  /** Passes {@link CommitListener#onInterrupted} on. */
  public void interrupted(int partition) {
    tell(listener -> listener.onInterrupted(partition));
  }

  /** Lets all go; interest that is added later is refused. */
  public void close() {
    closed = true;
    followers.clear();
  }

  private void tell(Consumer<CommitListener> call) {
    for (Follower follower : followers) {
      if (follower.wanted.isEmpty()) {
        continue;
      }
      try {
        call.accept(follower.listener);
      } catch (RuntimeException | Error e) {
        // The engine's own loop must outlive a listener that broke its promise not to throw.
        LOG.log(Level.ERROR, "commit listener failed listener=" + follower.listener, e);
      }
    }
  }

  private final class Follower implements Interest {
    private final CommitListener listener;
    private final Map<TopicPattern, Integer> wanted = new ConcurrentHashMap<>();

    Follower(CommitListener listener) {
      this.listener = listener;
    }

    @Override
    public CompletionStage<Void> add(TopicPattern topics) {
      if (closed) {
        return CompletableFuture.failedStage(new LogException("the log is closed"));
      }
      wanted.merge(topics, 1, Integer::sum);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void remove(TopicPattern topics) {
      wanted.computeIfPresent(topics, (key, times) -> times == 1 ? null : times - 1);
    }

    @Override
    public void close() {
      followers.remove(this);
    }
  }
}
