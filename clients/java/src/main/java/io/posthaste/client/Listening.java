package io.posthaste.client;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A listener of a config, until it is closed. */
public final class Listening implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 5;

  private final ConfigState state;
  private final ConfigListener listener;
  private final Consumer<ConfigState> whenClosed;

  /** Held while the listener is called. */
  private final ReentrantLock calling = new ReentrantLock();

  private @Nullable Config told; // by the one thread that tells
  private volatile boolean closed;

  Listening(ConfigState state, ConfigListener listener, Consumer<ConfigState> whenClosed) {
    this.state = state;
    this.listener = listener;
    this.whenClosed = whenClosed;
  }

  /** The config that is listened to. */
  public ConfigName name() {
    return state.name;
  }

  /**
   * What holds as far as is known here, which the listener may not have been told of yet; empty if
   * nothing is known, or that it was deleted.
   */
  public Optional<Config> config() {
    return Optional.ofNullable(state.holds()).filter(config -> !config.isDeleted());
  }

  ConfigState state() {
    return state;
  }

  /** Tells the listener what holds, unless it knows. */
  void tell() {
    Config now = state.holds();
    Config before = told;
    if (now == null || isTheSame(before, now)) {
      return;
    }
    told = now;
    Config live = now.isDeleted() ? null : now;
    Config lived = before == null || before.isDeleted() ? null : before;
    if (live != null || lived != null) { // who knew of nothing need not hear that it is gone
      call(() -> listener.onChange(new ConfigChange(state.name, lived, live)));
    }
  }

  private static boolean isTheSame(@Nullable Config before, Config now) {
    if (before == null || !before.id().equals(now.id())) {
      return false;
    }
    return !now.id().isEmpty() || now.equals(before);
  }

  void refuse(RefusedException why) {
    call(() -> listener.onRefused(state.name, why));
  }

  private void call(Callbacks.Call call) {
    calling.lock();
    try {
      if (!closed) {
        call.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the client is closed
    } catch (Throwable e) { // whatever an application does wrong, the others are told
      Logs.LOGGER.log(Level.ERROR, "a listener of " + state.name + " failed", e);
    } finally {
      calling.unlock();
    }
  }

  /**
   * Ends it. A call that runs is waited for, 5 seconds at most; then the listener is not called any
   * more. From within a call it returns at once.
   */
  @Override
  public void close() {
    closed = true;
    state.remove(this);
    whenClosed.accept(state);
    try {
      if (calling.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        calling.unlock();
      } else {
        Logs.LOGGER.log(Level.WARNING, "a listener of {0} does not return", state.name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
