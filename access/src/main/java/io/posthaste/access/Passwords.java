package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.core.MalformedException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/**
 * Hashes and checks passwords by Argon2id (RFC 9106), whose parameters stand with each hash. A
 * check takes tens of milliseconds and 19 MiB, so few run at once, on threads of their own; further
 * ones wait, up to a bound. What was right stays so for a minute without being hashed again: it is
 * remembered by a keyed digest, whose key no other process has. Thread-safe.
 */
final class Passwords implements AutoCloseable {
  /** The longest password, in characters. */
  static final int MAX_CHARS = 1_024;

  /** The shortest password that is taken for a new one, in characters. */
  static final int MIN_CHARS = 8;

  // What OWASP's password storage cheat sheet names first for Argon2id.
  private static final int MEMORY_KIB = 19_456;
  private static final int PASSES = 2;
  private static final int LANES = 1;

  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int MOST_MEMORY_KIB = 1 << 18;
  private static final int MOST_PASSES = 16;
  private static final int MOST_LANES = 16;
  private static final int THREADS = 2;
  private static final int MOST_WAITING = 64;
  private static final int MOST_REMEMBERED = 10_000;
  private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final Pattern TEXT =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,3})\\$([A-Za-z0-9+/]{1,100})\\$([A-Za-z0-9+/]{1,100})");

  /**
   * A hash that no password has: who names an unknown id waits as long as who names a known one.
   */
  private static final String NOBODYS =
      "$argon2id$v=19$m="
          + MEMORY_KIB
          + ",t="
          + PASSES
          + ",p="
          + LANES
          + "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

  private final ThreadPoolExecutor threads;
  private final SecretKeySpec rememberingKey = new SecretKeySpec(Secrets.random(32), "HmacSHA256");
  private final Map<ByteBuffer, Long> remembered =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Long> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  private final Map<ByteBuffer, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();

  Passwords() {
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "posthaste-passwords");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Refuses what cannot be a new password.
   *
   * @throws MalformedException if it cannot
   */
  static String check(String password) {
    if (password.length() < MIN_CHARS || password.length() > MAX_CHARS) {
      throw new MalformedException(
          "password: "
              + password.length()
              + " characters (expected: "
              + MIN_CHARS
              + " to "
              + MAX_CHARS
              + ")");
    }
    return password;
  }

  /** A hash to keep of a new password; null if too many are waiting. */
  @Nullable CompletableFuture<String> hash(String password) {
    return submit(() -> hashed(password));
  }

  /**
   * What is known of a password without checking it: that it was right a moment ago, or what will
   * come of a check that is under way.
   *
   * @param hash what is kept of the right one; null if nobody has that id
   * @return null if nothing is
   */
  @Nullable CompletableFuture<Boolean> known(String id, String password, @Nullable String hash) {
    ByteBuffer mark = mark(id, password, hash == null ? "" : hash);
    return hash != null && isRemembered(mark)
        ? CompletableFuture.completedFuture(true)
        : underWay.get(mark);
  }

  /**
   * Checks a password.
   *
   * @param hash what is kept of the right one; null if nobody has that id
   * @return null if too many are waiting
   */
  @Nullable CompletableFuture<Boolean> verify(String id, String password, @Nullable String hash) {
    ByteBuffer mark = mark(id, password, hash == null ? "" : hash);
    CompletableFuture<Boolean> checking =
        submit(
            () -> {
              boolean right = isRight(password, hash == null ? NOBODYS : hash) && hash != null;
              if (right) {
                remember(mark);
              }
              return right;
            });
    if (checking != null) {
      underWay.put(mark, checking);
      checking.whenComplete((right, failure) -> underWay.remove(mark, checking));
    }
    return checking;
  }

  private <T> @Nullable CompletableFuture<T> submit(Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, threads);
    } catch (RejectedExecutionException e) {
      return null;
    }
  }

  private ByteBuffer mark(String id, String password, String hash) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(rememberingKey);
      for (String part : new String[] {id, password, hash}) {
        byte[] bytes = part.getBytes(UTF_8);
        mac.update(ByteBuffer.allocate(4).putInt(0, bytes.length));
        mac.update(bytes);
      }
      return ByteBuffer.wrap(mac.doFinal());
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  private boolean isRemembered(ByteBuffer mark) {
    synchronized (remembered) {
      Long since = remembered.get(mark);
      return since != null && System.nanoTime() - since < REMEMBERED_NANOS;
    }
  }

  private void remember(ByteBuffer mark) {
    synchronized (remembered) {
      remembered.remove(mark);
      remembered.put(mark, System.nanoTime());
    }
  }

  static String hashed(String password) {
    byte[] salt = Secrets.random(SALT_BYTES);
    byte[] hash = argon2(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + MEMORY_KIB
        + ",t="
        + PASSES
        + ",p="
        + LANES
        + "$"
        + base64.encodeToString(salt)
        + "$"
        + base64.encodeToString(hash);
  }

  /** Whether a password has that hash; not if the hash is none, or would cost too much to check. */
  static boolean isRight(String password, String hash) {
    Matcher parts = TEXT.matcher(hash);
    if (password.length() > MAX_CHARS || !parts.matches()) {
      return false;
    }
    int memory = Integer.parseInt(parts.group(1));
    int passes = Integer.parseInt(parts.group(2));
    int lanes = Integer.parseInt(parts.group(3));
    if (memory > MOST_MEMORY_KIB
        || passes < 1
        || passes > MOST_PASSES
        || lanes < 1
        || lanes > MOST_LANES
        || memory < 8 * lanes) {
      return false;
    }
    try {
      byte[] salt = Base64.getDecoder().decode(parts.group(4));
      byte[] expected = Base64.getDecoder().decode(parts.group(5));
      if (salt.length < 8 || expected.length < 16) {
        return false;
      }
      byte[] is = argon2(password, salt, memory, passes, lanes, expected.length);
      return java.security.MessageDigest.isEqual(is, expected);
    } catch (IllegalArgumentException e) {
      return false; // not base64
    }
  }

  private static byte[] argon2(
      String password, byte[] salt, int memory, int passes, int lanes, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memory)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[length];
    generator.generateBytes(password.getBytes(UTF_8), hash);
    return hash;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
