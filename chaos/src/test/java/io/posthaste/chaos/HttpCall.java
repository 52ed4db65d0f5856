package io.posthaste.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request over a connection of its own, and its answer.
 *
 * @param tag the answer's {@code ETag}; null if it has none
 */
record HttpCall(int status, @Nullable String tag, String body) {
  private static final int CONNECT_MILLIS = 2_000;

  /** Sends a POST, or a GET if there is no body. */
  static HttpCall send(
      InetSocketAddress server, String target, Map<String, String> headers, @Nullable String body)
      throws IOException {
    URI uri = URI.create("http://" + server.getHostString() + ":" + server.getPort() + target);
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    try {
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(Publishing.ANSWER_MILLIS);
      connection.setRequestProperty("Connection", "close");
      headers.forEach(connection::setRequestProperty);
      if (body != null) {
        connection.setDoOutput(true);
        connection.getOutputStream().write(body.getBytes(UTF_8));
      }
      int status = connection.getResponseCode();
      try (InputStream in =
          status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        String text = in == null ? "" : new String(in.readAllBytes(), UTF_8);
        return new HttpCall(status, connection.getHeaderField("ETag"), text);
      }
    } finally {
      connection.disconnect();
    }
  }

  /** That it may be tried again, as the server said. */
  boolean isForNow() {
    return status == 503;
  }
}
