package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.posthaste.core.Log;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.core.Policies.Rule;
import io.posthaste.server.ConnectionLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A server and one connection to it that is kept alive from request to request. */
@Timeout(60)
abstract class NativeTest {
  private static final Policies POLICIES =
      new Policies(Stream.of("few/#=count:3", "small/#=max:10").map(Rule::parse).toList());

  private @Nullable Log log;
  private @Nullable NativeServer server;
  private @Nullable RawConnection connection;

  /** An answer. */
  record Answer(int status, Map<String, String> headers, String body) {
    Map<String, Object> json() {
      return TestJson.object(body);
    }

    String text(String field) {
      return String.valueOf(json().get(field));
    }

    List<Map<String, Object>> messages() {
      return TestJson.objects(json().get("messages"));
    }

    List<String> data() {
      return messages().stream().map(message -> String.valueOf(message.get("data"))).toList();
    }
  }

  /** The limits of the door. */
  NativeOptions options() {
    return NativeOptions.DEFAULT;
  }

  @BeforeEach
  final void start() throws IOException {
    log = new MemoryLog(MemoryLog.Options.of(POLICIES));
    server =
        new NativeServer(
            log,
            ConnectionLimits.DEFAULT.withHeartbeat(Duration.ofMillis(200)),
            options(),
            Clients.Events::new);
    connection = server.connect();
  }

  @AfterEach
  final void stop() {
    requireNonNull(connection).close();
    server().close();
    requireNonNull(log).close();
  }

  final Log log() {
    return requireNonNull(log);
  }

  final NativeServer server() {
    return requireNonNull(server);
  }

  final Answer call(String method, String target, String body, String... headers)
      throws IOException {
    return call(method, target, body.getBytes(UTF_8), headers);
  }

  final Answer call(String method, String target, byte[] body, String... headers)
      throws IOException {
    RawConnection to = requireNonNull(connection);
    to.request(method, target, body, headers);
    HttpConnection.Head head = to.head();
    String answer = method.equals("HEAD") ? "" : to.text();
    if ("close".equals(head.headers().get("connection"))) {
      to.close();
      connection = server().connect();
    }
    if (head.status() >= 400 && !answer.isEmpty()) {
      assertThat(head.headers()).containsEntry("content-type", "application/problem+json");
      Map<String, Object> problem = TestJson.object(answer);
      assertThat(problem).containsKeys("type", "title", "status", "detail");
      assertThat(problem.containsKey("code")).isEqualTo(head.status() != 405);
      assertThat(String.valueOf(problem.get("detail"))).doesNotContain("\n");
    }
    return new Answer(head.status(), head.headers(), answer);
  }

  final Answer get(String target, String... headers) throws IOException {
    return call("GET", target, "", headers);
  }

  final Answer post(String target, String body, String... headers) throws IOException {
    return call("POST", target, body, headers);
  }

  /** Publishes a text; answers its id. */
  final String publish(String topic, String text) throws IOException {
    Answer answer = post("/v1/topics/" + topic, text, "Content-Type: text/plain");
    assertThat(answer.status()).isEqualTo(201);
    return answer.text("id");
  }
}
