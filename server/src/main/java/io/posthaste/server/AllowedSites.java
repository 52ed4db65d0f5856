package io.posthaste.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which names the server answers to, and which web pages may use it. Against a page that gave its
 * own name our address (DNS rebinding), {@code Host} must be a loopback name or address, the
 * address that was connected to, or a name from here. Against pages from elsewhere, an {@code
 * Origin} must be of the same authority as {@code Host}, or from here.
 *
 * @param hosts further host names, without port; {@code *} for any
 * @param origins origins that may use the server across sites (CORS), such as {@code
 *     https://example.org}; {@code *} for any
 */
public record AllowedSites(Set<String> hosts, Set<String> origins) {
  /** Nobody but our own pages. */
  public static final AllowedSites OWN = new AllowedSites(Set.of(), Set.of());

  private static final Set<String> OURS = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Pattern AUTHORITY =
      Pattern.compile(
          "(\\[[0-9a-f:.]+(%25[0-9a-z.-]+)?]|[\\p{L}\\p{N}._~%!$&'()*+,;=-]+)(:[0-9]{0,5})?");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost\\.?|.*\\.localhost\\.?|127(\\.[0-9]{1,3}){3}|\\[::1]");
  private static final Pattern ADDRESS =
      Pattern.compile("\\[[0-9a-f:.]+]|[0-9]{1,3}(\\.[0-9]{1,3}){3}");

  public AllowedSites {
    hosts = lowerCase(hosts);
    origins = lowerCase(origins);
    for (String origin : origins) {
      if (!origin.equals("*") && !origin.matches("[a-z][a-z0-9+.-]*://[^/?#]+")) {
        throw new IllegalArgumentException(
            "origin: " + origin + " (expected: such as https://example.org, or *)");
      }
    }
  }

  private static Set<String> lowerCase(Set<String> names) {
    return names.stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Whether this is a host with or without a port, in lower case. */
  static boolean isAuthority(String text) {
    return OURS.contains(withoutPort(text)) && hasPlainPort(text)
        || AUTHORITY.matcher(text).matches();
  }

  private static boolean hasPlainPort(String text) {
    for (int i = withoutPort(text).length() + 1; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the server answers to a host.
   *
   * @param authority in lower case, with or without port; empty if the client named none
   * @param local the address that it connected to
   */
  boolean allowsHost(String authority, @Nullable InetSocketAddress local) {
    if (authority.isEmpty() || hosts.contains("*")) {
      return true;
    }
    String host = withoutPort(authority);
    if (OURS.contains(host) || hosts.contains(host) || LOOPBACK.matcher(host).matches()) {
      return true;
    }
    return local != null && ADDRESS.matcher(host).matches() && isAddress(host, local.getAddress());
  }

  /** Compares with a literal address; never asks a name service. */
  private static boolean isAddress(String literal, InetAddress address) {
    try {
      return InetAddress.getByName(literal).equals(address);
    } catch (java.net.UnknownHostException e) {
      return false;
    }
  }

  /** Whether pages of an origin may use the server. */
  boolean allowsOrigin(String origin, String authority) {
    return isSame(origin, authority) || allowsAcross(origin);
  }

  /** Whether an origin is on the list. */
  boolean allowsAcross(String origin) {
    return origins.contains("*") || origins.contains(origin.toLowerCase(Locale.ROOT));
  }

  /** Whether answers depend on the origin. */
  boolean mindsOrigin() {
    return !origins.isEmpty();
  }

  /**
   * Whether an origin is the authority that is asked; a port that its scheme implies is no matter.
   */
  static boolean isSame(String origin, String authority) {
    String asked = origin.toLowerCase(Locale.ROOT);
    int scheme = asked.indexOf("://");
    if (scheme < 0 || authority.isEmpty()) {
      return false;
    }
    String implied = asked.startsWith("https:") ? ":443" : ":80";
    return withoutSuffix(asked.substring(scheme + 3), implied)
        .equals(withoutSuffix(authority, implied));
  }

  private static String withoutSuffix(String text, String suffix) {
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }

  private static String withoutPort(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon < 0 || authority.endsWith("]") ? authority : authority.substring(0, colon);
  }
}
