package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection over which one request after the other is made, and read byte by byte. */
abstract class HttpConnection implements AutoCloseable {
  /** A status line and headers, names in lower case. */
  record Head(int status, Map<String, String> headers) {}

  /** Opens another one to the same server. */
  interface Opener {
    HttpConnection open() throws IOException;
  }

  abstract void limit(Duration limit) throws IOException;

  /** Sends a request without a body. */
  abstract void get(String target, String... headers) throws IOException;

  /** Reads the head of an answer; its body is next. */
  abstract Head head() throws IOException;

  /** The next byte of the body; -1 at its end. */
  abstract int body() throws IOException;

  /** A line of the body, without its LF; null at the end. */
  final @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = body(); b != '\n'; b = body()) {
      if (b < 0) {
        return null;
      }
      line.write(b);
    }
    return line.toString(UTF_8);
  }

  /** What is left of the body. */
  final byte[] rest() throws IOException {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    for (int b = body(); b >= 0; b = body()) {
      rest.write(b);
    }
    return rest.toByteArray();
  }

  final String text() throws IOException {
    return new String(rest(), UTF_8);
  }

  @Override
  public abstract void close();
}
