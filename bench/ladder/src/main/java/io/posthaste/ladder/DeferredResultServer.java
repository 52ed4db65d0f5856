package io.posthaste.ladder;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * A multimap of topics to {@link DeferredResult}s, as config centres hold their clients: no thread
 * waits, and Spring watches the time. A message is for those who are held when it comes.
 */
@EnableAutoConfiguration
@RestController
class DeferredResultServer {
  private static final long WAIT_MILLIS = 30_000;

  private final Map<String, Set<DeferredResult<ResponseEntity<String>>>> waiting =
      new ConcurrentHashMap<>();

  /** Answers 200 with the next message, or 304 when the wait is over. */
  @GetMapping("/watch/{topic}")
  DeferredResult<ResponseEntity<String>> watch(@PathVariable String topic) {
    DeferredResult<ResponseEntity<String>> result =
        new DeferredResult<>(
            WAIT_MILLIS, ResponseEntity.status(HttpStatus.NOT_MODIFIED).<String>build());
    waiting.compute(
        topic,
        (t, set) -> {
          Set<DeferredResult<ResponseEntity<String>>> all =
              set == null ? ConcurrentHashMap.newKeySet() : set;
          all.add(result);
          return all;
        });
    result.onCompletion(
        () ->
            waiting.computeIfPresent(
                topic, (t, all) -> all.remove(result) && all.isEmpty() ? null : all));
    return result;
  }

  /** Answers everybody who is held for the topic. */
  @PostMapping("/publish/{topic}")
  ResponseEntity<Void> publish(@PathVariable String topic, @RequestBody String message) {
    Set<DeferredResult<ResponseEntity<String>>> all = waiting.remove(topic);
    if (all != null) {
      all.forEach(result -> result.setResult(ResponseEntity.ok(message)));
    }
    return ResponseEntity.noContent().build();
  }
}
