package io.posthaste.survival;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends a byte at a time, and hears what the server says to it. */
final class Dripping {
  final Socket socket;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private boolean over;

  Dripping(Socket socket) {
    this.socket = socket;
  }

  /** Sends a byte, unless the server has said its last word. */
  synchronized void drip() {
    try {
      if (!isOver()) {
        socket.getOutputStream().write('a');
      }
    } catch (IOException cut) {
      over = true;
    }
  }

  /** Whether the server has said all it will. */
  synchronized boolean isOver() {
    try {
      socket.setSoTimeout(1);
      byte[] some = new byte[4_096];
      while (!over) {
        int count = socket.getInputStream().read(some);
        if (count < 0) {
          over = true;
        } else {
          heard.write(some, 0, count);
        }
      }
    } catch (java.net.SocketTimeoutException notYet) {
      return over;
    } catch (IOException cut) {
      over = true;
    }
    return over;
  }

  /** What the server said. */
  synchronized InputStream heard() {
    return new ByteArrayInputStream(heard.toByteArray());
  }

  /** The same as text, a character a byte. */
  synchronized String text() {
    return heard.toString(StandardCharsets.ISO_8859_1);
  }
}
