package io.posthaste.app.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes an input's lines for people to see: a message a line, long ones cut, blank ones not.
 */
final class Lines {
  /** The longest line that is published whole, in characters. */
  static final int LONGEST_LINE = 4_096;

  private static final Logger LOGGER = LoggerFactory.getLogger(Lines.class);

  private final Reader reader;

  Lines(InputStream input) {
    this.reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
  }

  /** Publishes, on a thread of its own, until the input ends. */
  static void follow(InputStream input, FeedPublisher publisher) {
    Thread thread = new Thread(() -> publish(new Lines(input), publisher), "demo-lines");
    thread.setDaemon(true);
    thread.start();
  }

  private static void publish(Lines lines, FeedPublisher publisher) {
    try {
      for (String line = lines.next(); line != null; line = lines.next()) {
        String text = line;
        if (!text.isBlank()) {
          publisher.publishInTurn(data -> data.put("text", text));
        }
      }
    } catch (IOException e) {
      LOGGER.warn("standard input cannot be read any more reason={}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next line, cut if it is too long; null at the end. */
  @Nullable String next() throws IOException {
    StringBuilder line = new StringBuilder();
    boolean isCut = false;
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      if (line.length() < LONGEST_LINE) {
        line.append((char) c);
      } else {
        isCut = true;
      }
    }
    String text = isCut ? line + "…" : line.toString();
    return text.replaceAll("\\p{Cntrl}+", " ").stripTrailing();
  }
}
