package io.posthaste.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Opens sockets to a node as the JDK's client would: its proxy, its trust, its TLS. */
final class Dialer {
  /** How long a read blocks, so that whoever reads looks up now and then. */
  private static final int SLICE_MILLIS = 250;

  private final Http http;
  private final Duration limit;

  /**
   * @param limit for each of connecting, asking a proxy, and TLS's handshake
   */
  Dialer(Http http, Duration limit) {
    this.http = http;
    this.limit = limit;
  }

  /**
   * A connection to where an {@code http} or {@code https} address leads, whose reads time out
   * every {@value #SLICE_MILLIS} ms. The caller closes it.
   */
  Socket dial(URI uri) throws IOException {
    HttpClient settings = http.client();
    boolean secure = "https".equals(uri.getScheme());
    int port = uri.getPort() < 0 ? secure ? 443 : 80 : uri.getPort();
    Proxy proxy = proxy(settings, uri);
    Socket socket = proxy.type() == Proxy.Type.SOCKS ? new Socket(proxy) : new Socket();
    try {
      InetSocketAddress to = new InetSocketAddress(uri.getHost(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) limit.toMillis());
      if (proxy.type() == Proxy.Type.HTTP) {
        InetSocketAddress via = (InetSocketAddress) proxy.address();
        connect(socket, new InetSocketAddress(via.getHostString(), via.getPort()));
        String hostAndPort = uri.getHost() + ":" + port;
        Upgrade.toTunnel(socket, hostAndPort, limit);
      } else {
        connect(socket, to);
      }
      if (secure) {
        socket = secured(settings, socket, uri.getHost(), port);
      }
      socket.setSoTimeout(SLICE_MILLIS);
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private void connect(Socket socket, InetSocketAddress to) throws IOException {
    socket.connect(to, (int) limit.toMillis());
  }

  private static Proxy proxy(HttpClient settings, URI uri) {
    ProxySelector selector = settings.proxy().orElseGet(ProxySelector::getDefault);
    List<Proxy> proxies = selector == null ? List.of() : selector.select(uri);
    return proxies.isEmpty() ? Proxy.NO_PROXY : proxies.get(0);
  }

  private static Socket secured(HttpClient settings, Socket plain, String host, int port)
      throws IOException {
    SSLSocket socket =
        (SSLSocket) settings.sslContext().getSocketFactory().createSocket(plain, host, port, true);
    SSLParameters parameters = settings.sslParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
