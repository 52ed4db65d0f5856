package io.posthaste.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A client whose connection breaks while it waits, as at the edge of a network. A message is
 * published, the client comes back: does it hear of it? A second message tells that the first will
 * not come any more.
 */
final class BrokenPoll {
  /** For a server to take in what was done: there is nothing to be asked whether it has. */
  private static final Duration TO_TAKE_IN = Duration.ofMillis(100);

  private static final int ANSWER_MILLIS = 10_000;
  private static final int BETWEEN_LATER_MILLIS = 50;
  private static final int LATER_AT_MOST = 100;

  private final Target target;
  private final Opening opening;
  private final String run;

  private BrokenPoll(Target target, Opening opening, String run) {
    this.target = target;
    this.opening = opening;
    this.run = run;
  }

  /**
   * Breaks one, and comes back. Blocks, some three tenths of a second.
   *
   * @param run another for each: names the topic
   * @return whether the message was heard
   */
  static boolean isHeard(Target target, Technique technique, String run) {
    try {
      return new BrokenPoll(target, target.opening(technique), run).isHeard();
    } catch (IOException e) {
      throw new LoadFailedException("a poll that was to be broken: " + e.getMessage());
    }
  }

  private boolean isHeard() throws IOException {
    String back = filled(opening.next() == null ? opening.first() : opening.next());
    try (Socket first = connect()) {
      send(first, filled(opening.first()));
      if (!opening.cursors().isEmpty()) {
        back = back.replace("{cursor0}", cursor(first));
      }
      if (!opening.firstIsHeld()) {
        send(first, back);
      }
      LockSupport.parkNanos(TO_TAKE_IN.toNanos());
    }
    LockSupport.parkNanos(TO_TAKE_IN.toNanos());
    publish("published meanwhile");
    LockSupport.parkNanos(TO_TAKE_IN.toNanos());
    try (Socket second = connect()) {
      send(second, back);
      second.setSoTimeout(BETWEEN_LATER_MILLIS);
      ByteArrayOutputStream heard = new ByteArrayOutputStream();
      for (int later = 0; later < LATER_AT_MOST; later++) {
        String text = more(second, heard);
        if (text.contains("published meanwhile")) {
          return true;
        }
        if (text.contains("published later")) {
          return false;
        }
        publish("published later");
      }
    }
    throw new IOException("it hears nothing any more");
  }

  private String filled(String template) {
    return Template.fill(template, run, 0, 0).replace("{connection}", "0");
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(target.address().getAddress(), target.address().getPort());
    socket.setSoTimeout(ANSWER_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private String cursor(Socket socket) throws IOException {
    if (!(opening.cursors().get(0) instanceof CursorSource.Body source)) {
      throw new IOException("a cursor in a header is not understood here");
    }
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    while (true) {
      String text = more(socket, heard);
      int begin = text.indexOf(source.after());
      int end = begin < 0 ? -1 : text.indexOf(source.until(), begin + source.after().length());
      if (end >= 0) {
        return text.substring(begin + source.after().length(), end);
      }
    }
  }

  /** All that was heard, with what comes within the socket's time. */
  private static String more(Socket socket, ByteArrayOutputStream heard) throws IOException {
    byte[] buffer = new byte[4_096];
    InputStream in = socket.getInputStream();
    try {
      int length = in.read(buffer);
      if (length < 0) {
        throw new IOException("closed by the server after: " + heard);
      }
      heard.write(buffer, 0, length);
    } catch (SocketTimeoutException nothing) {
      if (socket.getSoTimeout() == ANSWER_MILLIS) {
        throw nothing;
      }
    }
    return heard.toString(StandardCharsets.UTF_8);
  }

  private void publish(String payload) throws IOException {
    String head = filled(target.publish()) + "Content-Length: " + payload.length() + "\r\n\r\n";
    try (Socket socket = connect()) {
      send(socket, head + payload);
      String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
      if (!status.startsWith("HTTP/1.1 2")) {
        throw new IOException("a publish was answered with " + status);
      }
    }
  }
}
