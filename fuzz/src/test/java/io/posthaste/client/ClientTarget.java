package io.posthaste.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What servers, and whoever says that he is one, send to the client for Java: answers to an
 * upgrade, answers of a proxy, frames of a WebSocket and of the binary protocol, the same however
 * they are cut. The first byte of an input says which, the second where to cut.
 */
public final class ClientTarget {
  private static final int LIMIT = 1_000;
  private static final Duration SOON = Duration.ofSeconds(10);

  private ClientTarget() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    switch (input[0]) {
      case 'u' -> upgrade(input);
      case 'p' -> tunnel(input);
      case 'w' -> {
        List<String> whole = read(new WebSocketFrames(new Cut(input, 4_096), new Gone(), LIMIT));
        same(whole, read(new WebSocketFrames(new Cut(input, cut(input)), new Gone(), LIMIT)));
      }
      default -> {
        List<String> whole = read(new TcpFrames(new Cut(input, 4_096), LIMIT));
        same(whole, read(new TcpFrames(new Cut(input, cut(input)), LIMIT)));
      }
    }
  }

  private static int cut(byte[] input) {
    return 1 + (input[1] & 0x3f);
  }

  private static void same(List<String> whole, List<String> cut) {
    if (!whole.equals(cut)) {
      throw new AssertionError("whole: " + whole + ", cut: " + cut);
    }
  }

  private static void upgrade(byte[] input) {
    try {
      URI uri = URI.create("ws://localhost/v1/updates");
      Upgrade.toWebSocket(new Peer(input), uri, Map.of(), SOON, () -> false);
      throw new AssertionError("a nonce was guessed");
    } catch (IOException e) {
      // As it should be: whoever answers does not know what was asked.
    }
  }

  private static void tunnel(byte[] input) {
    try {
      Upgrade.toTunnel(new Peer(input), "localhost:80", SOON);
    } catch (IOException e) {
      return;
    }
    String head = new String(input, 2, input.length - 2, ISO_8859_1);
    if (!head.startsWith("HTTP/1.") || !head.startsWith(" 200", 8)) {
      throw new AssertionError("a tunnel by " + head);
    }
  }

  private static List<String> read(Frames frames) {
    List<String> read = new ArrayList<>();
    try {
      while (true) {
        byte[] frame = frames.next(SOON, new Patient());
        if (frame == null) {
          read.add("ended");
          return read;
        }
        if (frame.length > LIMIT) {
          throw new AssertionError("a frame of " + frame.length + " bytes");
        }
        read.add(new String(frame, ISO_8859_1));
      }
    } catch (IOException e) {
      read.add(String.valueOf(e.getMessage()));
      return read;
    }
  }

  /** Gives an input's bytes from the third on, so many at a time. */
  private static final class Cut extends InputStream {
    private final ByteArrayInputStream bytes;
    private final int most;

    Cut(byte[] input, int most) {
      this.bytes = new ByteArrayInputStream(input, 2, input.length - 2);
      this.most = most;
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] into, int from, int length) {
      return bytes.read(into, from, Math.min(length, most));
    }
  }

  /** Takes all and keeps nothing. */
  private static final class Gone extends OutputStream {
    @Override
    public void write(int next) {}
  }

  /** A connection to one who says what the input says. */
  private static final class Peer extends Socket {
    private final byte[] input;

    Peer(byte[] input) {
      this.input = input;
    }

    @Override
    public InputStream getInputStream() {
      return new Cut(input, 4_096);
    }

    @Override
    public OutputStream getOutputStream() {
      return new ByteArrayOutputStream();
    }
  }

  /** Waits for whatever comes. */
  private static final class Patient implements Sink {
    @Override
    public void works() {}

    @Override
    public void message(Message message, String cursor) {}

    @Override
    public void page(Page page) {}

    @Override
    public void missed(List<Gap> gaps) {}

    @Override
    public void cursor(String cursor) {}

    @Override
    public void comeBackAfter(Duration pause) {}

    @Override
    public boolean leaves() {
      return false;
    }
  }
}
