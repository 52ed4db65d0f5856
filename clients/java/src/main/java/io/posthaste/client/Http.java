package io.posthaste.client;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The JDK's HTTP client, with our limits: nothing that is sent or answered takes for ever. */
final class Http implements AutoCloseable {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
  private static final @Nullable MethodHandle SHUTDOWN_NOW = shutdownNowOfNewerJdks();

  private final Options options;
  private final ExecutorService threads;
  private volatile @Nullable HttpClient client;

  Http(Options options) {
    this.options = options;
    AtomicInteger count = new AtomicInteger();
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "posthaste-http-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    this.client =
        options
            .http
            .apply(
                HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(options.answerLimit)
                    .executor(threads))
            .build();
  }

  /** An answer, whole. */
  static final class Answer {
    final int status;
    final HttpHeaders headers;
    final byte[] body;

    Answer(int status, HttpHeaders headers, byte[] body) {
      this.status = status;
      this.headers = headers;
      this.body = body;
    }
  }

  /**
   * A request that says who asks.
   *
   * @throws IOException if that cannot be had
   */
  HttpRequest.Builder request(URI uri) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    options.headers().forEach(request::setHeader);
    return request;
  }

  /** Sends, and waits for the whole answer for so long. */
  Answer send(HttpRequest.Builder request, Duration limit)
      throws IOException, InterruptedException {
    HttpRequest whole = request.timeout(limit).build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client().sendAsync(whole, head -> new Limited(options.maxAnswerBytes));
    HttpResponse<byte[]> response = Waiting.get(answer, limit, "an answer of " + whole.uri());
    return new Answer(response.statusCode(), response.headers(), response.body());
  }

  /** Sends, and waits for the head of an answer that does not end. */
  HttpResponse<Chunks> open(HttpRequest.Builder request) throws IOException, InterruptedException {
    Duration limit = options.answerLimit;
    HttpRequest whole = request.timeout(limit).build();
    CompletableFuture<HttpResponse<Chunks>> answer =
        client().sendAsync(whole, head -> (BodySubscriber<Chunks>) new Chunks());
    return Waiting.get(answer, limit, "an answer of " + whole.uri());
  }

  /** Runs a task beside. */
  void run(Runnable task) {
    threads.execute(task);
  }

  /** The JDK's client, for its settings. */
  HttpClient client() {
    HttpClient open = client;
    if (open == null) {
      throw new IllegalStateException("the client is closed");
    }
    return open;
  }

  /**
   * Breaks off what is under way and ends all threads. Before JDK 21 the selector's own thread ends
   * when the JDK's client is collected as garbage.
   */
  @Override
  public void close() {
    HttpClient open = client;
    client = null;
    if (open != null && SHUTDOWN_NOW != null) {
      try {
        SHUTDOWN_NOW.invoke(open);
      } catch (Throwable e) { // as invoke declares; there is nothing to be done about it
        Logs.LOGGER.log(Level.DEBUG, "shutting down", e);
      }
    }
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        Logs.LOGGER.log(Level.WARNING, "threads of a closed client still run");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable MethodHandle shutdownNowOfNewerJdks() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(HttpClient.class, "shutdownNow", MethodType.methodType(void.class));
    } catch (ReflectiveOperationException before21) {
      return null;
    }
  }

  /** A body of at most so many bytes. */
  private static final class Limited implements BodySubscriber<byte[]> {
    private final BodySubscriber<byte[]> whole = BodySubscribers.ofByteArray();
    private final int maxBytes;
    private long bytes;
    private Flow.@Nullable Subscription source;

    Limited(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      source = subscription;
      whole.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        bytes += buffer.remaining();
      }
      if (bytes <= maxBytes) {
        whole.onNext(buffers);
      } else if (source != null) {
        source.cancel();
        whole.onError(new IOException("an answer of more than " + maxBytes + " bytes"));
      }
    }

    @Override
    public void onError(Throwable failure) {
      whole.onError(failure);
    }

    @Override
    public void onComplete() {
      whole.onComplete();
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return whole.getBody();
    }
  }
}
