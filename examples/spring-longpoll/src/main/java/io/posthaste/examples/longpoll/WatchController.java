package io.posthaste.examples.longpoll;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Cursor;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import io.posthaste.core.Poll;
import io.posthaste.core.PollResult;
import io.posthaste.core.Start;
import io.posthaste.core.Subscription;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Watches and changes the value of a namespace. A value's ETag is its id in the log, which is also
 * the cursor of a reader who has seen it: so {@code If-None-Match} says exactly where to go on, and
 * no change can fall between two requests.
 */
@RestController
final class WatchController {
  private static final String DEFAULT_TYPE = "application/octet-stream";

  /** The container's own limit is a safety net only: the hub ends each wait in time. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Hub hub;
  private final Duration wait;

  WatchController(Hub hub, @Value("${watch.wait}") Duration wait) {
    this.hub = hub;
    this.wait = wait;
  }

  /**
   * Answers 200 with the newest value once it is another than the one that the client has, or 304
   * when the wait is over. No thread waits meanwhile.
   */
  @GetMapping("/watch/{namespace}")
  DeferredResult<ResponseEntity<byte[]>> watch(
      @PathVariable String namespace,
      @RequestHeader(name = HttpHeaders.IF_NONE_MATCH, required = false) @Nullable String has) {
    Cursor seen = cursor(has);
    Start start = seen == null ? Start.BEGINNING : new Start.After(seen);
    List<TopicPattern> topics = List.of(TopicPattern.of(topic(namespace)));
    Subscription newest = new Subscription(topics, start, true);
    CompletableFuture<PollResult> poll =
        hub.poll(new Poll(newest, Poll.MAX_LIMIT, wait.toMillis()));

    DeferredResult<ResponseEntity<byte[]>> answer =
        new DeferredResult<>(wait.plus(GRACE).toMillis());
    poll.whenComplete(
        (result, failure) -> {
          if (failure == null) {
            answer.setResult(response(result, seen));
          } else {
            answer.setErrorResult(failure);
          }
        });
    // However the request ends, the poll ends with it; harmless if it has ended already.
    answer.onCompletion(() -> poll.cancel(false));
    return answer;
  }

  private ResponseEntity<byte[]> response(PollResult result, @Nullable Cursor seen) {
    if (result.messages().isEmpty()) {
      Cursor next = seen == null ? result.next() : seen;
      return ResponseEntity.status(HttpStatus.NOT_MODIFIED).eTag(quoted(next)).build();
    }
    Message value = result.messages().get(result.messages().size() - 1);
    return ResponseEntity.ok()
        .eTag(quoted(Id.of(hub.epoch(), value)))
        .header(HttpHeaders.CACHE_CONTROL, "no-cache")
        .header(HttpHeaders.CONTENT_TYPE, value.type().isEmpty() ? DEFAULT_TYPE : value.type())
        .body(value.payload().toByteArray());
  }

  /** Sets the value; every watcher of the namespace is answered with it. */
  @PostMapping("/publish/{namespace}")
  CompletableFuture<ResponseEntity<String>> publish(
      @PathVariable String namespace,
      @RequestHeader(name = HttpHeaders.CONTENT_TYPE, defaultValue = DEFAULT_TYPE) String type,
      InputStream body)
      throws IOException {
    Topic topic = topic(namespace);
    // One byte more than is allowed is enough for the hub to refuse it.
    int limit = hub.log().policies().of(topic).maxMessageBytes();
    Payload value = Payload.wrap(body.readNBytes(limit + 1));
    return hub.publish(Append.of(topic, type, value))
        .toCompletableFuture()
        .thenApply(WatchController::response);
  }

  private static ResponseEntity<String> response(Appended outcome) {
    if (outcome instanceof Appended.Stored stored) {
      return ResponseEntity.noContent().eTag(quoted(stored.id())).build();
    }
    if (outcome instanceof Appended.TooLarge large) {
      return ResponseEntity.status(HttpStatus.CONTENT_TOO_LARGE)
          .body("value: too large (expected: at most " + large.maxBytes() + " bytes)\n");
    }
    if (outcome instanceof Appended.Unavailable unavailable) {
      return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
          .body(unavailable.reason() + "\n");
    }
    throw new AssertionError("asked for no condition and with no key, yet " + outcome);
  }

  @ExceptionHandler
  ResponseEntity<String> onMalformed(MalformedException refused) {
    return ResponseEntity.badRequest().body(refused.getMessage() + "\n");
  }

  private static Topic topic(String namespace) {
    return new Topic("config/" + namespace);
  }

  private static String quoted(Object place) {
    return '"' + place.toString() + '"';
  }

  /**
   * The place in {@code If-None-Match}, without the {@code W/} that a compressing proxy puts before
   * it. Any other tag is not of a value we gave out, so its owner lacks ours: null, as for none.
   */
  private static @Nullable Cursor cursor(@Nullable String tag) {
    if (tag == null) {
      return null;
    }
    String strong = tag.startsWith("W/") ? tag.substring(2) : tag;
    if (strong.length() < 2 || !strong.startsWith("\"") || !strong.endsWith("\"")) {
      return null;
    }
    try {
      return Cursor.parse(strong.substring(1, strong.length() - 1));
    } catch (MalformedException notOurs) {
      return null;
    }
  }
}
