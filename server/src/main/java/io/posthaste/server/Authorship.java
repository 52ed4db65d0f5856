package io.posthaste.server;

import io.posthaste.access.Session;
import io.posthaste.core.Append;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who publishes a config, written into its message: a config's history names whoever made a
 * version, and the address that it came from, by whatever door it came. The message says it and not
 * a record beside it, so that it is there exactly if the version is.
 */
public final class Authorship {
  /** What configs are below; other topics' messages are as their publishers make them. */
  private static final String CONFIGS = "config/";

  private static final String AUTHOR = "author";
  private static final String ADDRESS = "address";

  private Authorship() {}

  /**
   * The same, with who publishes it if it is a config's: the identity that he has proved; on a
   * server that is open to everybody what he says of himself, if anything.
   *
   * @param from the client's address; null if it is not known
   */
  public static Append of(Append append, Session session, @Nullable InetAddress from) {
    if (!append.topic().name().startsWith(CONFIGS)) {
      return append;
    }
    Map<String, String> headers = new HashMap<>(append.headers());
    put(headers, AUTHOR, session.author(headers.getOrDefault(AUTHOR, "")));
    put(headers, ADDRESS, from == null ? "" : from.getHostAddress());
    return append.withHeaders(headers);
  }

  private static void put(Map<String, String> headers, String name, String value) {
    if (value.isEmpty()) {
      headers.remove(name);
    } else {
      headers.put(name, value);
    }
  }
}
