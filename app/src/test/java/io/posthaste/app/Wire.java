package io.posthaste.app;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.posthaste.testkit.Http2Client;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What carries a request whose answer may stay open. */
@FunctionalInterface
interface Wire {
  /** HTTP/1.1 without TLS. */
  Wire HTTP_1 = ofClient(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());

  /** HTTP/2 without TLS, by prior knowledge: a connection for each request. */
  Wire HTTP_2_IN_THE_CLEAR = Wire::overOwnConnection;

  /** Asks for what is at an address. */
  Asked get(URI address, Map<String, String> headers) throws IOException;

  /**
   * A request under way.
   *
   * @param answer completes when the head of the answer is there
   * @param leaving ends it from the client's side, whatever has come of it
   */
  record Asked(CompletableFuture<Answer> answer, Runnable leaving) {}

  /** An answer whose body may have no end yet. */
  record Answer(int status, InputStream body) {}

  /** A client that must come to speak its version of HTTP with the server. */
  static Wire ofClient(HttpClient client) {
    return (address, headers) -> {
      HttpRequest.Builder request = HttpRequest.newBuilder(address);
      headers.forEach(request::header);
      CompletableFuture<HttpResponse<InputStream>> asked =
          client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      CompletableFuture<Answer> answer =
          asked.thenApply(
              response -> {
                if (response.version() != client.version()) {
                  throw new AssertionError("spoken was " + response.version());
                }
                return new Answer(response.statusCode(), response.body());
              });
      return new Asked(
          answer,
          () -> {
            asked.cancel(true);
            answer.thenAccept(there -> close(there.body()));
          });
    };
  }

  private static Asked overOwnConnection(URI address, Map<String, String> headers)
      throws IOException {
    Http2Headers head =
        new DefaultHttp2Headers()
            .method("GET")
            .path(address.getRawPath() + "?" + address.getRawQuery())
            .scheme("http")
            .authority(address.getAuthority());
    headers.forEach((name, value) -> head.add(name.toLowerCase(Locale.ROOT), value));
    Http2Client client = new Http2Client(new Socket(address.getHost(), address.getPort())).hello();
    client.request(1, head, true);
    return new Asked(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                int status = Integer.parseInt(String.valueOf(client.head(1).status()));
                return new Answer(status, new Http2Body(client));
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            },
            task -> {
              Thread reading = new Thread(task, "reads an answer");
              reading.setDaemon(true);
              reading.start();
            }),
        () -> close(client));
  }

  private static void close(AutoCloseable what) {
    try {
      what.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What comes on a connection's first stream after the head. */
  final class Http2Body extends InputStream {
    private final Http2Client client;
    private byte[] data = new byte[0];
    private int at;
    private boolean isOver;

    private Http2Body(Http2Client client) {
      this.client = client;
    }

    @Override
    public int read() throws IOException {
      while (at == data.length) {
        if (isOver) {
          return -1;
        }
        Http2Client.Frame frame =
            client.next(
                each ->
                    each.type() == Http2Client.GOAWAY
                        || each.stream() == 1
                            && (each.type() == Http2Client.DATA
                                || each.type() == Http2Client.RST_STREAM));
        if (frame.type() != Http2Client.DATA) {
          throw new EOFException("ended by a frame of type " + frame.type());
        }
        data = frame.payload();
        at = 0;
        isOver = frame.isLast();
      }
      return data[at++] & 0xff;
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }
}
