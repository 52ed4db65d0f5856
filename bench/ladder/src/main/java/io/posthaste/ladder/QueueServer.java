package io.posthaste.ladder;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A queue for each client, and a thread for each poll: the request's own thread waits until the
 * queue has something. What comes while the client is between two polls waits in its queue; a
 * client that never comes back leaves the queue behind, for nobody can tell that it has gone.
 */
@EnableAutoConfiguration
@RestController
class QueueServer {
  private static final long WAIT_SECONDS = 30;

  private final Map<String, Map<String, BlockingQueue<String>>> topics = new ConcurrentHashMap<>();

  /** Answers 200 with the next message, or 204 when the wait is over. */
  @GetMapping("/poll/{topic}")
  ResponseEntity<String> poll(@PathVariable String topic, @RequestParam String client)
      throws InterruptedException {
    String message =
        topics
            .computeIfAbsent(topic, t -> new ConcurrentHashMap<>())
            .computeIfAbsent(client, c -> new LinkedBlockingQueue<>())
            .poll(WAIT_SECONDS, TimeUnit.SECONDS);
    return message == null ? ResponseEntity.noContent().build() : ResponseEntity.ok(message);
  }

  /** Puts a message into the queue of every client of the topic. */
  @PostMapping("/publish/{topic}")
  ResponseEntity<Void> publish(@PathVariable String topic, @RequestBody String message) {
    topics.getOrDefault(topic, Map.of()).values().forEach(queue -> queue.add(message));
    return ResponseEntity.noContent().build();
  }
}
