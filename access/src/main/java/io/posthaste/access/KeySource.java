package io.posthaste.access;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys by which tokens are checked, at hand; read anew in the background on a thread of their
 * own, one reading at a time. While they cannot be read those before hold. Thread-safe.
 */
final class KeySource implements AutoCloseable {
  private static final long STALE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long SELDOM_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 256 << 10;
  private static final int LEAST_SECRET_BYTES = 32;
  private static final Logger LOGGER = LoggerFactory.getLogger(KeySource.class);

  private final TokenOptions.Keys from;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "posthaste-token-keys");
            made.setDaemon(true);
            return made;
          });
  private volatile JWKSet keys = new JWKSet();
  private @Nullable CompletableFuture<Void> reading; // guarded by this, as the next
  private final LongSupplier nanos;
  private long readNanos;

  /**
   * Reads them for the first time.
   *
   * @throws IllegalArgumentException if a file of keys cannot be read, or is none
   */
  KeySource(TokenOptions.Keys from) {
    this(from, System::nanoTime);
  }

  /** As above, by a clock that only goes forward. */
  KeySource(TokenOptions.Keys from, LongSupplier nanos) {
    this.from = from;
    this.nanos = nanos;
    this.readNanos = nanos.getAsLong() - STALE_NANOS;
    if (from instanceof TokenOptions.KeySetUrl) {
      readAgain();
      return;
    }
    try {
      keys = read();
      readNanos = nanos.getAsLong();
    } catch (IOException | ParseException e) {
      throw new IllegalArgumentException(
          "keys of tokens: " + from + ": " + e.getMessage() + " (expected: a file of keys)", e);
    }
  }

  /** Those at hand; read anew in the background if that was long ago. */
  JWKSet keys() {
    if (isOld(STALE_NANOS)) {
      readAgain();
    }
    return keys;
  }

  /** Reads them anew, unless that was a moment ago; completes when that is done. */
  CompletableFuture<Void> refreshed() {
    return isOld(SELDOM_NANOS) || isReading()
        ? readAgain()
        : CompletableFuture.completedFuture(null);
  }

  private synchronized boolean isReading() {
    CompletableFuture<Void> underWay = reading;
    return underWay != null && !underWay.isDone();
  }

  private synchronized boolean isOld(long age) {
    return nanos.getAsLong() - readNanos >= age;
  }

  private synchronized CompletableFuture<Void> readAgain() {
    CompletableFuture<Void> underWay = reading;
    if (underWay != null && !underWay.isDone()) {
      return underWay;
    }
    CompletableFuture<Void> begun =
        CompletableFuture.runAsync(
            () -> {
              try {
                keys = read();
              } catch (IOException | ParseException | RuntimeException e) {
                LOGGER.warn(
                    "the keys of tokens cannot be read, those before hold from={} why={}",
                    from,
                    e.toString());
              }
            },
            thread);
    readNanos = nanos.getAsLong();
    reading = begun;
    return begun;
  }

  private JWKSet read() throws IOException, ParseException {
    if (from instanceof TokenOptions.SharedSecret secret) {
      return new JWKSet(new OctetSequenceKey.Builder(secret(secret.file())).build());
    }
    if (from instanceof TokenOptions.KeySetFile file) {
      return JWKSet.parse(new String(bytes(file.file()), java.nio.charset.StandardCharsets.UTF_8))
          .toPublicJWKSet();
    }
    return JWKSet.parse(fetched((TokenOptions.KeySetUrl) from)).toPublicJWKSet();
  }

  /** The secret that a file holds, without the line break that an editor leaves. */
  static byte[] secret(Path file) throws IOException {
    byte[] bytes = bytes(file);
    int length = bytes.length;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
      length--;
    }
    if (length < LEAST_SECRET_BYTES) {
      throw new IOException(
          length + " bytes are too few for a secret (expected: 32 or more, at random)");
    }
    return Arrays.copyOf(bytes, length);
  }

  private static byte[] bytes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return whole(in);
    }
  }

  private static byte[] whole(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new IOException("more than " + MOST_BYTES + " bytes");
    }
    return bytes;
  }

  private static String fetched(TokenOptions.KeySetUrl from) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    HttpRequest request =
        HttpRequest.newBuilder(from.url())
            .timeout(TIMEOUT)
            .header("Accept", "application/jwk-set+json, application/json")
            .build();
    try {
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        if (answer.statusCode() != 200) {
          throw new IOException("status " + answer.statusCode());
        }
        return new String(whole(body), java.nio.charset.StandardCharsets.UTF_8);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
