package io.posthaste.core;

import java.util.Random;

/** Texts that are nearly right, or not at all. */
final class Garbage {
  private Garbage() {}

  /** A text of the given characters, with some of any kind among them. */
  static String text(Random random, String usual, int maxLength) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(maxLength + 1); length > 0; length--) {
      text.append(
          random.nextInt(10) == 0
              ? (char) random.nextInt(0x10000)
              : usual.charAt(random.nextInt(usual.length())));
    }
    return text.toString();
  }

  /** The text with a few characters changed, lost or added. */
  static String damaged(Random random, String good, String usual) {
    StringBuilder text = new StringBuilder(good);
    for (int times = 1 + random.nextInt(3); times > 0 && text.length() > 0; times--) {
      int at = random.nextInt(text.length());
      char c = usual.charAt(random.nextInt(usual.length()));
      switch (random.nextInt(3)) {
        case 0 -> text.setCharAt(at, c);
        case 1 -> text.deleteCharAt(at);
        default -> text.insert(at, c);
      }
    }
    return text.toString();
  }
}
