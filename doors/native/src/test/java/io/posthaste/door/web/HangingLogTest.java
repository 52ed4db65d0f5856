package io.posthaste.door.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.posthaste.core.Log;
import io.posthaste.core.LogException;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Policies;
import io.posthaste.server.ConnectionLimits;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that hangs, then works again or fails. */
@Timeout(60)
final class HangingLogTest {
  private final MemoryLog log = new MemoryLog(MemoryLog.Options.of(Policies.DEFAULT));
  private final CompletableFuture<Boolean> disk = new CompletableFuture<>();
  private volatile boolean isAway;
  private NativeServer server;

  @BeforeEach
  void start() throws IOException {
    Log hanging =
        (Log)
            Proxy.newProxyInstance(
                Log.class.getClassLoader(),
                new Class<?>[] {Log.class},
                (proxy, method, arguments) -> {
                  if (isAway && method.getReturnType() == CompletionStage.class) {
                    return CompletableFuture.failedStage(new LogException("away for now"));
                  }
                  try {
                    return method.getName().equals("append")
                        ? disk.thenCompose(
                            works -> {
                              try {
                                return (CompletionStage<?>) method.invoke(log, arguments);
                              } catch (ReflectiveOperationException e) {
                                throw new AssertionError(e);
                              }
                            })
                        : method.invoke(log, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    NativeOptions usual = NativeOptions.DEFAULT;
    NativeOptions options =
        new NativeOptions(
            usual.maxWaitMillis(),
            usual.retryMillis(),
            usual.frameBytes(),
            usual.frameMillis(),
            usual.readersPerSocket(),
            usual.topicsPerSocket(),
            3,
            10,
            usual.batchLines(),
            usual.publishRate());
    server = new NativeServer(hanging, ConnectionLimits.DEFAULT, options, Clients.Events::new);
  }

  @AfterEach
  void stop() {
    disk.complete(true);
    server.close();
    log.close();
  }

  private static Map<String, Object> next(Clients.Socket socket) throws IOException {
    return TestJson.object(Objects.requireNonNull(socket.text()));
  }

  private static String publish(String data, int ref) {
    return "{\"op\":\"publish\",\"topic\":\"a\",\"data\":\"" + data + "\",\"ref\":" + ref + "}";
  }

  @Test
  void aSocketHasOnlySoManyPublicationsUnderWay() throws IOException {
    try (Clients.Socket socket = new Clients.Socket(server.address, "/v1/updates")) {
      for (int i = 1; i <= 3; i++) {
        socket.send(publish("x", i));
      }
      socket.send(publish("x", 4));
      assertThat(next(socket).toString()).startsWith("{op=error, ref=4, code=busy");
      disk.complete(true);
      // This disk wakes its waiters in any order.
      assertThat(List.of(next(socket), next(socket), next(socket)))
          .extracting(done -> done.get("op") + " " + done.get("ref"))
          .containsExactlyInAnyOrder("done 1", "done 2", "done 3");
      socket.send(publish("x", 5));
      assertThat(next(socket).toString()).startsWith("{op=done, ref=5");
    }
  }

  @Test
  void aSocketHasOnlySoManyBytesUnderWay() throws IOException {
    try (Clients.Socket socket = new Clients.Socket(server.address, "/v1/updates")) {
      socket.send(publish("longer than ten bytes", 1));
      socket.send(publish("x", 2));
      assertThat(next(socket).toString()).startsWith("{op=error, ref=2, code=busy");
    }
  }

  @Test
  void aPublisherThatGoesMeanwhileHarmsNobody() throws IOException {
    try (RawConnection gone = server.connect();
        Clients.Socket goneToo = new Clients.Socket(server.address, "/v1/updates")) {
      gone.request("POST", "/v1/topics/a", new byte[] {1});
      goneToo.send(publish("x", 1));
    }
    disk.complete(true);
    await()
        .untilAsserted(
            () -> assertThat(ask("GET", "/v1/updates?topic=a&after=0")).contains("\"x\""));
  }

  @Test
  void aLogThatFailsIsAnswered() throws IOException {
    try (RawConnection http = server.connect();
        Clients.Socket socket = new Clients.Socket(server.address, "/v1/updates")) {
      http.request("POST", "/v1/topics/a", new byte[] {1});
      socket.send(publish("x", 1));
      disk.completeExceptionally(new LogException("as the test wants"));
      assertThat(http.head().status()).isEqualTo(503);
      assertThat(http.text()).contains("\"code\":\"unavailable\"");
      assertThat(next(socket).toString()).startsWith("{op=error, ref=1, code=unavailable");
    }
    assertThat(List.of(ask("DELETE", "/v1/topics/a"), ask("POST", "/v1/topics/a")))
        .allMatch(answer -> answer.startsWith("503"));
  }

  /** A long poll was once answered with 500 while NATS had no leader. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/updates?topic=a&after=0",
        "/v1/updates?topic=a&after=0&wait=5",
        "/v1/updates?topic=a&after=ID&wait=5",
        "/v1/updates?topic=a&before=ID",
        "/v1/updates?topic=a&consumer=me",
        "/v1/topics/a",
        "/v1/topics/a?wait=5",
        "/v1/topics/a?id=ID",
        "/v1/topics/a?inspect",
        "/v1/topics?prefix=a"
      })
  void whoReadsWhileTheLogIsAwayIsToldToComeAgain(String target) throws IOException {
    disk.complete(true);
    String stored = ask("POST", "/v1/topics/a");
    Object id = TestJson.object(stored.substring(stored.indexOf('{'))).get("id");
    ask("POST", "/v1/topics/a"); // so that a reader after the first lacks something
    isAway = true;
    try (RawConnection connection = server.connect()) {
      connection.request("GET", target.replace("ID", String.valueOf(id)), new byte[0]);
      HttpConnection.Head head = connection.head();
      assertThat(head.status()).isEqualTo(503);
      assertThat(head.headers()).containsEntry("retry-after", "1");
      assertThat(connection.text()).contains("\"code\":\"unavailable\"", "away for now");
    }
  }

  @Test
  void aReaderOfASocketIsToldWhyItEnds() throws IOException {
    isAway = true;
    try (Clients.Socket socket = new Clients.Socket(server.address, "/v1/updates")) {
      socket.send("{\"op\":\"subscribe\",\"topic\":\"a\",\"after\":\"0\",\"ref\":1}");
      assertThat(next(socket).toString()).startsWith("{op=error, ref=1, code=unavailable");
    }
  }

  private String ask(String method, String target) throws IOException {
    try (RawConnection connection = server.connect()) {
      connection.request(method, target, new byte[0]);
      return connection.head().status() + connection.text();
    }
  }
}
