package io.posthaste.ladder;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * A set of held requests for each topic, and a timer for each of them: no thread waits. A message
 * is for those who are held when it comes.
 */
@EnableAutoConfiguration
@RestController
class AsyncContextServer implements DisposableBean {
  private static final long WAIT_SECONDS = 30;

  private final Map<String, Set<AsyncContext>> waiting = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  /** Answers 200 with the next message, or 304 when the wait is over. */
  @GetMapping("/watch/{topic}")
  void watch(@PathVariable String topic, HttpServletRequest request, HttpServletResponse response) {
    AsyncContext context = request.startAsync(request, response);
    context.setTimeout(0); // the timer's job
    waiting.compute(
        topic,
        (t, set) -> {
          Set<AsyncContext> all = set == null ? ConcurrentHashMap.newKeySet() : set;
          all.add(context);
          return all;
        });
    timer.schedule(() -> expire(topic, context), WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private void expire(String topic, AsyncContext context) {
    Set<AsyncContext> all = waiting.get(topic);
    // Whoever takes it out of the set answers it, so it is answered once.
    if (all != null && all.remove(context)) {
      response(context).setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      context.complete();
    }
  }

  /** Answers everybody who is held for the topic. */
  @PostMapping("/publish/{topic}")
  ResponseEntity<Void> publish(@PathVariable String topic, @RequestBody String message) {
    Set<AsyncContext> all = waiting.remove(topic);
    if (all != null) {
      all.stream().filter(all::remove).forEach(context -> answer(context, message));
    }
    return ResponseEntity.noContent().build();
  }

  private static void answer(AsyncContext context, String message) {
    try {
      response(context).setContentType("text/plain;charset=UTF-8");
      response(context).getOutputStream().write(message.getBytes(StandardCharsets.UTF_8));
    } catch (IOException gone) {
      // The client left while it was held, and took the message's only copy with it.
    } finally {
      context.complete();
    }
  }

  private static HttpServletResponse response(AsyncContext context) {
    return (HttpServletResponse) context.getResponse();
  }

  @Override
  public void destroy() {
    timer.shutdownNow();
  }
}
