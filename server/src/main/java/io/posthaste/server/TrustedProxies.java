package io.posthaste.server;

import static java.util.Objects.requireNonNull;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The proxies in front of the server whose word is taken for whom they speak for. Anybody can send
 * {@code X-Forwarded-For}; only what a trusted proxy added is believed: read from the right, the
 * first address that is no trusted proxy's is the client's.
 */
public final class TrustedProxies {
  /** Nobody's word is taken. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private final List<Network> networks;

  /** Addresses that begin with the same bits. */
  private record Network(byte[] address, int bits) {
    static Network parse(String text) {
      int slash = text.indexOf('/');
      byte[] address =
          NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
      String bits = slash < 0 ? "128" : text.substring(slash + 1);
      if (address == null
          || !bits.matches("[0-9]{1,3}")
          || slash >= 0 && Integer.parseInt(bits) > address.length * 8) {
        throw new IllegalArgumentException(
            "an address or a network, as in 10.0.0.7 or 10.0.0.0/8 or fd00::/8");
      }
      return new Network(address, Math.min(Integer.parseInt(bits), address.length * 8));
    }

    boolean has(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int i = 0; i < bits; i++) {
        if (((address[i / 8] ^ other[i / 8]) & 0x80 >> i % 8) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  private TrustedProxies(List<Network> networks) {
    this.networks = networks;
  }

  /**
   * Proxies by their addresses or networks.
   *
   * @throws IllegalArgumentException if one is neither; the message says what would be right
   */
  public static TrustedProxies of(List<String> networks) {
    return new TrustedProxies(networks.stream().map(Network::parse).toList());
  }

  /** Whether this is a trusted proxy's address. */
  boolean trusts(InetAddress address) {
    if (networks.isEmpty()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    for (Network network : networks) {
      if (network.has(bytes)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Who asks.
   *
   * @param peer who is connected
   * @param xForwardedFor the header's values, in order
   * @param forwarded the values of {@code Forwarded} (RFC 7239), in order
   */
  InetAddress client(InetAddress peer, List<String> xForwardedFor, List<String> forwarded) {
    requireNonNull(peer, "peer");
    if (!trusts(peer)) {
      return peer;
    }
    InetAddress byX = walk(peer, split(xForwardedFor));
    InetAddress byRfc = walk(peer, forwardedFor(forwarded));
    if (xForwardedFor.isEmpty() || forwarded.isEmpty()) {
      return xForwardedFor.isEmpty() ? byRfc : byX;
    }
    // A proxy sets one of them, and passes on what a client wrote into the other.
    return byX.equals(byRfc) ? byX : peer;
  }

  private InetAddress walk(InetAddress peer, List<String> hops) {
    InetAddress known = peer;
    for (int i = hops.size() - 1; i >= 0 && trusts(known); i--) {
      InetAddress hop = parse(hops.get(i));
      if (hop == null) {
        break;
      }
      known = hop;
    }
    return known;
  }

  private static List<String> split(List<String> values) {
    List<String> hops = new ArrayList<>();
    for (String value : values) {
      Collections.addAll(hops, value.split(",", -1));
    }
    return hops;
  }

  /** The {@code for} of each element; empty where it has none. */
  private static List<String> forwardedFor(List<String> values) {
    List<String> hops = new ArrayList<>();
    for (String element : split(values)) {
      String hop = "";
      for (String pair : element.split(";", -1)) {
        String trimmed = pair.strip();
        if (trimmed.toLowerCase(Locale.ROOT).startsWith("for=")) {
          hop = trimmed.substring(4);
        }
      }
      hops.add(hop);
    }
    return hops;
  }

  /** An address, in quotes, in brackets, with a port, or not; never asks a name service. */
  private static @Nullable InetAddress parse(String hop) {
    String text = hop.strip();
    if (text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")) {
      text = text.substring(1, text.length() - 1);
    }
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      text = end < 0 ? "" : text.substring(1, end);
    } else if (text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
      text = text.substring(0, text.indexOf(':'));
    }
    byte[] bytes = text.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(text);
    try {
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
