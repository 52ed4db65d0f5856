package io.posthaste.door.tcp;

import static java.util.Objects.requireNonNull;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a client connects.
 *
 * @param name told to the server, for people; at most 128 characters
 * @param connectLimit how long connecting and being welcomed may take
 * @param heartbeat what to ask the server for; zero to leave it to the server
 * @param authorization who the client is, as HTTP's header {@code Authorization} has it; empty for
 *     nobody in particular
 * @param tls what the client believes and shows, to speak TLS; null to speak none
 * @param loops of Netty's NIO, shared with other clients and left open; null for one of its own
 */
public record TcpClientOptions(
    String name,
    Duration connectLimit,
    Duration heartbeat,
    String authorization,
    @Nullable SSLContext tls,
    @Nullable EventLoopGroup loops) {
  /** 10 s to connect, the server's heartbeat, a loop of its own. */
  public static final TcpClientOptions DEFAULT =
      new TcpClientOptions("posthaste-java", Duration.ofSeconds(10), Duration.ZERO, "", null, null);

  public TcpClientOptions {
    requireNonNull(name, "name");
    requireNonNull(connectLimit, "connectLimit");
    requireNonNull(heartbeat, "heartbeat");
    requireNonNull(authorization, "authorization");
  }

  /** The same on these loops. */
  public TcpClientOptions on(EventLoopGroup loops) {
    return new TcpClientOptions(name, connectLimit, heartbeat, authorization, tls, loops);
  }

  /** The same by TLS; the server's certificate must be for the host that is connected to. */
  public TcpClientOptions withTls(SSLContext tls) {
    return new TcpClientOptions(
        name, connectLimit, heartbeat, authorization, requireNonNull(tls, "tls"), loops);
  }

  /** The same for somebody who shows this, as HTTP's header {@code Authorization} has it. */
  public TcpClientOptions withAuthorization(String authorization) {
    return new TcpClientOptions(name, connectLimit, heartbeat, authorization, tls, loops);
  }

  /** The options, without the secret. */
  @Override
  public String toString() {
    return "TcpClientOptions[" + name + "]";
  }

  /** The same with another heartbeat. */
  public TcpClientOptions withHeartbeat(Duration heartbeat) {
    return new TcpClientOptions(name, connectLimit, heartbeat, authorization, tls, loops);
  }
}
