package io.posthaste.client;

import java.net.URI;

/** A server's address, and what was learnt of the way there. */
final class Node {
  private final URI base;
  private final Ladder ladder;

  Node(URI base, Options options) {
    this.base = base;
    this.ladder = new Ladder(options);
  }

  URI base() {
    return base;
  }

  URI http(String path) {
    return URI.create(base + path);
  }

  /** Where the binary protocol is served, with TLS if HTTP is. */
  URI tcp(int port) {
    return URI.create(base.getScheme() + "://" + base.getHost() + ":" + port);
  }

  Ladder ladder() {
    return ladder;
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
