package io.posthaste.door.apollo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.api.BugDetectors;
import io.posthaste.access.Access;
import io.posthaste.access.AccessOptions;
import io.posthaste.access.Actor;
import io.posthaste.access.Administration;
import io.posthaste.access.Identity;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigPolicy;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.core.Hub;
import io.posthaste.core.HubOptions;
import io.posthaste.core.MemoryLog;
import io.posthaste.core.Payload;
import io.posthaste.core.Policies;
import io.posthaste.server.AllowedSites;
import io.posthaste.server.Guard;
import io.posthaste.server.HttpLimits;
import io.posthaste.server.HttpServer;
import io.posthaste.server.Loops;
import io.posthaste.server.PublishRate;
import io.posthaste.server.Router;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Requests to the whole door, over a socket: each is answered, and never by a failure of the
 * server's. The first byte of an input is for the method, the rest of its first line is the path;
 * the second line is {@code Authorization}, the operator's where it is empty; then comes the body.
 * As several threads answer, no two runs are quite the same.
 */
public final class ApolloDoorTarget {
  private static final String METHODS = "GPUD";
  private static final List<String> NAMES = List.of("GET", "POST", "PUT", "DELETE");
  private static final InetSocketAddress ADDRESS = start();

  private static Socket connection = new Socket();

  private ApolloDoorTarget() {}

  private static InetSocketAddress start() {
    BugDetectors.allowNetworkConnections(); // our own, to the door
    try {
      Loops loops = new Loops(1);
      Policies kept = new Policies(ConfigPolicy.before(List.of()));
      Hub hub =
          new Hub(
              new MemoryLog(MemoryLog.Options.of(kept)), loops.executors(), HubOptions.defaults());
      loops.attach(hub.shards());
      Access access = new Access(hub, AccessOptions.DEFAULT);
      get(access.whole());
      Identity root = new Identity(Identity.Kind.USER, "root");
      get(new Administration(access).addAccount(new Actor("fuzz", "", "fuzz"), root, null));
      Configs configs = new Configs(hub);
      ConfigKey key = new ConfigKey("", "shop", "application.properties");
      get(configs.publish(key, Payload.of("a=1\n"), ConfigAttributes.NONE, Expected.ANYTHING));
      ApolloOptions options =
          new ApolloOptions("DEV", Duration.ofMillis(1), Duration.ZERO, Set.of("*"));
      Guard guard = Guard.of(access, "secret");
      ApolloDoor door = new ApolloDoor(hub, configs, PublishRate.UNLIMITED, guard, options);
      while (!door.isReady()) {
        Thread.onSpinWait();
      }
      return new HttpServer(loops, HttpLimits.DEFAULT, AllowedSites.OWN, new Router(door.routes()))
          .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    String[] parts = new String(input, ISO_8859_1).split("\n", 3);
    String method = NAMES.get(Math.max(0, METHODS.indexOf(parts[0].charAt(0))));
    String shown = parts.length < 2 ? "" : parts[1].replaceAll("[^ -~]", "");
    String body = parts.length < 3 || method.equals("GET") ? "" : parts[2];
    String request =
        method
            + " /"
            + path(parts[0].substring(1))
            + " HTTP/1.1\r\nHost: localhost\r\nTimestamp: "
            + System.currentTimeMillis()
            + "\r\nAuthorization: "
            + (shown.isBlank() ? "Bearer secret" : shown)
            + "\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    String answer = ask(request.getBytes(ISO_8859_1));
    if (!answer.startsWith("HTTP/1.1 2")
        && !answer.startsWith("HTTP/1.1 3")
        && !answer.startsWith("HTTP/1.1 4")) {
      throw new AssertionError(request + "\n is answered " + answer);
    }
  }

  private static String path(String text) {
    StringBuilder path = new StringBuilder();
    for (char c : text.toCharArray()) {
      path.append(c <= ' ' || c >= 0x7f ? "%" + String.format("%02x", (int) c) : "" + c);
    }
    return path.toString();
  }

  /** Asks once more where the connection was closed after the answer before. */
  private static String ask(byte[] request) throws IOException {
    try {
      return answer(request);
    } catch (EOFException | SocketException closed) {
      connection.close();
      connection = new Socket(ADDRESS.getAddress(), ADDRESS.getPort());
      connection.setSoTimeout(15_000);
      connection.setTcpNoDelay(true);
      return answer(request);
    }
  }

  private static String answer(byte[] request) throws IOException {
    connection.getOutputStream().write(request);
    DataInputStream in = new DataInputStream(connection.getInputStream());
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length: ");
    byte[] body = new byte[0];
    if (at >= 0) {
      String length = lower.substring(at + "content-length: ".length(), lower.indexOf("\r\n", at));
      body = new byte[Integer.parseInt(length)];
      in.readFully(body);
    }
    return head + new String(body, UTF_8);
  }
}
