package io.posthaste.client;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The body of an answer that does not end, as it comes. One piece is asked for at a time. */
final class Chunks implements BodySubscriber<Chunks>, AutoCloseable {
  private final Arrivals<List<ByteBuffer>> arrivals = new Arrivals<>();
  private final CompletableFuture<Flow.Subscription> source = new CompletableFuture<>();

  @Override
  public CompletionStage<Chunks> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    source.complete(subscription);
    subscription.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    arrivals.add(buffers);
  }

  @Override
  public void onError(Throwable failure) {
    arrivals.fail(failure);
  }

  @Override
  public void onComplete() {
    arrivals.end();
  }

  /** The next piece; null at the end, or if the sink wants to leave. */
  @Nullable List<ByteBuffer> take(Duration silenceLimit, Sink sink)
      throws IOException, InterruptedException {
    List<ByteBuffer> buffers = arrivals.take(silenceLimit, sink);
    if (buffers != null) {
      source.thenAccept(subscription -> subscription.request(1));
    }
    return buffers;
  }

  /** Breaks the connection off. */
  @Override
  public void close() {
    source.thenAccept(Flow.Subscription::cancel);
  }
}
