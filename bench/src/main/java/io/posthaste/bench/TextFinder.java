package io.posthaste.bench;

import java.nio.charset.StandardCharsets;

/** Finds a short text in a stream of bytes (Knuth, Morris, Pratt). Used by one thread. */
final class TextFinder {
  private final byte[] text;
  private final int[] fallback;
  private int matched;

  TextFinder(String text) {
    this.text = text.getBytes(StandardCharsets.UTF_8);
    if (this.text.length == 0) {
      throw new IllegalArgumentException("text: empty (expected: something to find)");
    }
    fallback = new int[this.text.length + 1];
    int k = 0;
    for (int i = 1; i < this.text.length; i++) {
      while (k > 0 && this.text[i] != this.text[k]) {
        k = fallback[k];
      }
      if (this.text[i] == this.text[k]) {
        k++;
      }
      fallback[i + 1] = k;
    }
  }

  /** Takes one byte; true if it completes the text. */
  boolean step(byte b) {
    while (matched > 0 && text[matched] != b) {
      matched = fallback[matched];
    }
    if (text[matched] == b) {
      matched++;
    }
    if (matched == text.length) {
      matched = 0;
      return true;
    }
    return false;
  }

  void restart() {
    matched = 0;
  }
}
