package io.posthaste.access;

import io.posthaste.core.Hub;
import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node of a log, which several may share, with nothing but access on it. */
final class AccessWorld implements AutoCloseable {
  static final Actor TEST = new Actor("test", "", "test");

  final Log log;
  final Hub hub;
  final Access access;
  final Administration administration;

  AccessWorld(Log log, AccessOptions options) {
    this.log = log;
    this.hub = new Hub(log);
    this.access = new Access(hub, options);
    this.administration = new Administration(access);
    get(access.whole());
  }

  static MemoryLog memory() {
    return new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  Change add(String id) {
    return get(administration.addAccount(TEST, new Identity(Identity.Kind.USER, id), null));
  }

  Proved prove(Credential credential) {
    return prove(credential, null);
  }

  Proved prove(Credential credential, @Nullable InetAddress from) {
    return get(access.prove(credential, from));
  }

  @Override
  public void close() {
    access.close();
    hub.close();
  }
}
