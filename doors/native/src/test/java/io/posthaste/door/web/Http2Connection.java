package io.posthaste.door.web;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.posthaste.testkit.Http2Client;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** HTTP/2 over TLS, one stream after the other, whose window grows by what was read. */
final class Http2Connection extends HttpConnection {
  private final Http2Client client;
  private int stream = -1;
  private byte[] data = new byte[0];
  private int at;
  private boolean isOver;

  Http2Connection(InetSocketAddress address, SSLContext context) throws IOException {
    Socket plain = new Socket();
    plain.setReceiveBufferSize(64 << 10);
    plain.connect(address, 10_000);
    plain.setTcpNoDelay(true);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(plain, "localhost", address.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    if (!socket.getApplicationProtocol().equals("h2")) {
      throw new AssertionError("not HTTP/2: " + socket.getApplicationProtocol());
    }
    client = new Http2Client(socket).hello();
  }

  @Override
  void limit(Duration limit) throws IOException {
    client.limit(limit);
  }

  @Override
  void get(String target, String... headers) throws IOException {
    Http2Headers head =
        new DefaultHttp2Headers().method("GET").path(target).scheme("https").authority("localhost");
    for (String header : headers) {
      int colon = header.indexOf(": ");
      head.add(header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 2));
    }
    stream += 2;
    client.request(stream, head, true);
  }

  @Override
  Head head() throws IOException {
    Http2Headers head = client.head(stream);
    Map<String, String> headers = new TreeMap<>();
    head.forEach(entry -> headers.put(entry.getKey().toString(), entry.getValue().toString()));
    data = new byte[0];
    at = 0;
    isOver = false;
    return new Head(Integer.parseInt(String.valueOf(head.status())), headers);
  }

  @Override
  int body() throws IOException {
    while (at == data.length) {
      if (isOver) {
        return -1;
      }
      Http2Client.Frame frame =
          client.next(
              each ->
                  each.stream() == stream
                      && (each.type() == Http2Client.DATA
                          || each.type() == Http2Client.RST_STREAM));
      if (frame.type() == Http2Client.RST_STREAM) {
        throw new EOFException("the stream was reset: " + frame.error());
      }
      data = frame.payload();
      at = 0;
      isOver = frame.isLast();
      if (data.length > 0) {
        client.grant(0, data.length);
        if (!isOver) {
          client.grant(stream, data.length);
        }
      }
    }
    return data[at++] & 0xff;
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
