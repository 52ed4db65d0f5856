package io.posthaste.app;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where to listen.
 *
 * @param host a name or an address, an IPv6 one without brackets
 * @param port 0 for any free one
 */
record HostPort(String host, int port) {
  /**
   * Reads {@code HOST:PORT}, {@code [IPv6]:PORT}, or {@code PORT} alone, which means loopback.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("HOST:PORT, an IPv6 address in brackets: [::1]:8080");
    }
    String port = text.substring(colon + 1);
    if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException(
          "HOST:PORT with a port from 0 (any free one) to 65535, as in 127.0.0.1:8080, or off");
    }
    return new HostPort(host, Integer.parseInt(port));
  }

  /**
   * The address.
   *
   * @throws CommandFailure if the host is unknown
   */
  InetSocketAddress address() {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new CommandFailure("host " + host + " is unknown (expected: a name or an address)");
    }
  }

  /** Whether only this machine can reach it. */
  boolean isLoopback() {
    return address().getAddress().isLoopbackAddress();
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
