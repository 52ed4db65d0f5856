package io.posthaste.access;

import io.posthaste.core.Gap;
import io.posthaste.core.Hub;
import io.posthaste.core.LogException;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Reader;
import io.posthaste.core.Receiver;
import io.posthaste.core.Shard;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accounts, keys and grants as the log has them, followed by one reader from the log's beginning:
 *
 * <pre>
 *   $access/users/ID          who it is, and what a password is checked against
 *   $access/keys/KEY          whom a key acts for, and what it is checked against
 *   $access/grants/ID         what ID may
 *   $access/administrators    who may say so: one message, so that changes of it exclude each other
 * </pre>
 *
 * <p>Each record is replaced as a whole, so what is seen of one is never half of a change. The
 * accessors are safe for all threads; the rest is the first shard's thread's.
 */
final class Directory implements AutoCloseable {
  static final String ROOT = "$access";
  static final Topic ADMINISTRATORS = new Topic(ROOT + "/administrators");

  private static final String USERS = ROOT + "/users/";
  private static final String KEYS = ROOT + "/keys/";
  private static final String GRANTS = ROOT + "/grants/";
  private static final TopicPattern ALL = new TopicPattern(ROOT + "/#");
  private static final long AGAIN_MILLIS = 500;
  private static final Logger LOGGER = LoggerFactory.getLogger(Directory.class);

  /** Somebody who waits until a place has been read. */
  private record Awaiting(long sequence, CompletableFuture<Void> reached) {}

  private final Hub hub;
  private final Shard shard;
  private final int partition;
  private final Runnable changed;
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Map<String, ApiKey> keys = new ConcurrentHashMap<>();
  private final Map<String, List<ApiKey>> signingKeys = new ConcurrentHashMap<>(); // by owner
  private final Map<String, List<Grant>> grants = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> whole = new CompletableFuture<>();
  private final PriorityQueue<Awaiting> awaiting =
      new PriorityQueue<>(Comparator.comparingLong(Awaiting::sequence));
  private volatile Set<String> administrators = Set.of();
  private volatile boolean isSetUp;
  private volatile long version;
  private boolean touched; // since the version was raised
  private @Nullable Reader reader;
  private boolean closed;

  /**
   * @param changed is told after each change, by the first shard's thread
   */
  Directory(Hub hub, Runnable changed) {
    this.hub = hub;
    this.shard = hub.shards().get(0);
    this.partition = hub.log().partitionOf(ADMINISTRATORS);
    this.changed = changed;
  }

  /** Begins to read, and to tell of changes: once whoever is told can hear it. */
  void begin() {
    shard.loop().execute(this::read);
  }

  static Topic ofAccount(String id) {
    return new Topic(USERS + id);
  }

  static Topic ofKey(String key) {
    return new Topic(KEYS + key);
  }

  static Topic ofGrants(String id) {
    return new Topic(GRANTS + id);
  }

  /** The partition of the log in which all of it is. */
  int partition() {
    return partition;
  }

  /** Completes when all is known that the log held at the beginning. */
  CompletableFuture<Void> whole() {
    return whole;
  }

  /** Whether anybody was ever made known: from then on whoever proves nothing may nothing. */
  boolean isSetUp() {
    return isSetUp;
  }

  /** Another number after each change. */
  long version() {
    return version;
  }

  @Nullable Account account(String id) {
    return accounts.get(id);
  }

  Collection<Account> accounts() {
    return accounts.values();
  }

  @Nullable ApiKey key(String key) {
    return keys.get(key);
  }

  Collection<ApiKey> keys() {
    return keys.values();
  }

  /** The keys by which is signed for somebody. */
  List<ApiKey> signingKeysOf(String owner) {
    return signingKeys.getOrDefault(owner, List.of());
  }

  /** What somebody is granted, but for being an administrator. */
  List<Grant> grantsOf(String id) {
    return grants.getOrDefault(id, List.of());
  }

  Map<String, List<Grant>> grants() {
    return grants;
  }

  Set<String> administrators() {
    return administrators;
  }

  /** What somebody may: what is granted to him, and what is to whoever proves nothing. */
  Permissions permissionsOf(String id) {
    List<Grant> given = new ArrayList<>(grantsOf(id));
    if (!id.equals(Identity.ANONYMOUS.id())) {
      given.addAll(grantsOf(Identity.ANONYMOUS.id()));
    }
    if (administrators.contains(id)) {
      given.add(Grant.ADMINISTRATOR);
    }
    return Permissions.of(id, given);
  }

  /** Completes when what stands at that place is known here. Any thread. */
  CompletableFuture<Void> reached(long sequence) {
    CompletableFuture<Void> reached = new CompletableFuture<>();
    shard
        .loop()
        .execute(
            () -> {
              awaiting.add(new Awaiting(sequence, reached));
              release();
            });
    return reached;
  }

  /** Up to where all is known; -1 for nowhere. The first shard's thread's. */
  long place() {
    Reader reads = reader;
    return reads == null || !whole.isDone() ? -1 : reads.cursor().sequenceIn(partition, -1);
  }

  private void read() {
    if (!closed) {
      reader = shard.subscribe(new Subscription(List.of(ALL), Start.BEGINNING, true), new Taking());
    }
  }

  private void take(Message message) {
    String name = message.topic().name();
    try {
      if (message.topic().equals(ADMINISTRATORS)) {
        administrators = message.deleted() ? Set.of() : Records.administrators(message);
      } else if (name.startsWith(USERS)) {
        String id = name.substring(USERS.length());
        put(accounts, id, message.deleted() ? null : Records.account(id, message));
      } else if (name.startsWith(KEYS)) {
        String key = name.substring(KEYS.length());
        putKey(key, message.deleted() ? null : Records.key(key, message));
      } else if (name.startsWith(GRANTS)) {
        String id = name.substring(GRANTS.length());
        put(grants, id, message.deleted() ? null : Records.grants(Records.object(message)));
      }
    } catch (MalformedException e) {
      LOGGER.error("a record of access cannot be read, and counts for nothing", e);
      forget(name);
    }
    isSetUp |= !accounts.isEmpty() || !administrators.isEmpty();
    touched = true;
  }

  /** Whoever it was about may nothing by it. */
  private void forget(String name) {
    if (name.equals(ADMINISTRATORS.name())) {
      administrators = Set.of();
    } else if (name.startsWith(USERS)) {
      accounts.remove(name.substring(USERS.length()));
    } else if (name.startsWith(KEYS)) {
      putKey(name.substring(KEYS.length()), null);
    } else if (name.startsWith(GRANTS)) {
      grants.remove(name.substring(GRANTS.length()));
    }
  }

  private void putKey(String key, @Nullable ApiKey now) {
    ApiKey before = keys.get(key);
    put(keys, key, now);
    if (before != null && before.signingSecret() != null) {
      signingKeys.computeIfPresent(
          before.owner(),
          (owner, all) -> {
            List<ApiKey> others = all.stream().filter(each -> each != before).toList();
            return others.isEmpty() ? null : others;
          });
    }
    if (now != null && now.signingSecret() != null) {
      signingKeys.merge(
          now.owner(),
          List.of(now),
          (all, one) -> Stream.concat(all.stream(), one.stream()).toList());
    }
  }

  private static <T> void put(Map<String, T> map, String key, @Nullable T value) {
    if (value == null) {
      map.remove(key);
    } else {
      map.put(key, value);
    }
  }

  private void release() {
    long place = place();
    for (Awaiting next = awaiting.peek();
        next != null && next.sequence <= place;
        next = awaiting.peek()) {
      awaiting.remove();
      next.reached.complete(null);
    }
  }

  private void settle() {
    if (touched) {
      touched = false;
      version = version + 1;
      changed.run();
    }
    release();
  }

  /** Takes what the reader reads. */
  private final class Taking implements Receiver {
    @Override
    public boolean isServersOwn() {
      return true;
    }

    @Override
    public boolean onMessage(Reader reader, Message message) {
      take(message);
      return true;
    }

    @Override
    public void onMissed(Reader reader, List<Gap> gaps) {
      // A reader of only the latest is never told.
    }

    @Override
    public void onBatchEnd(Reader reader, boolean caughtUp) {
      if (caughtUp) {
        whole.complete(null);
      }
      settle();
    }

    @Override
    public void onFailed(Reader failed, LogException failure) {
      LOGGER.warn("what is granted cannot be read, will try again why={}", failure.getMessage());
      reader = null;
      if (!closed) {
        shard.loop().schedule(Directory.this::read, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  @Override
  public void close() {
    shard.execute(
        () -> {
          closed = true;
          if (reader != null) {
            reader.close();
          }
          awaiting.forEach(
              waiting -> waiting.reached.completeExceptionally(new LogException("closed")));
          awaiting.clear();
        });
  }
}
