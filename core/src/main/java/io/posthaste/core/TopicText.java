package io.posthaste.core;

/** The rules that topics and patterns share. */
final class TopicText {
  private TopicText() {}

  static void check(String what, String text, boolean wildcards) {
    if (text.isEmpty()) {
      throw new MalformedException(what + ": empty (expected: 1 to " + Topic.MAX_BYTES + " bytes)");
    }
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c >= 0x7f && c < 0xa0) {
        throw refuse(what, text, "has a control character at " + i);
      }
      if (!wildcards && (c == '#' || c == '+')) {
        throw refuse(what, text, "has a '" + c + "' at " + i + ", which only patterns may have");
      }
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else if (Character.isSurrogate(c)) {
        throw refuse(what, text, "is not valid Unicode: half a surrogate pair at " + i);
      } else {
        bytes += 3;
      }
    }
    if (bytes > Topic.MAX_BYTES) {
      throw refuse(
          what, text, "is " + bytes + " bytes long (expected: at most " + Topic.MAX_BYTES + ")");
    }
  }

  static MalformedException refuse(String what, String text, String why) {
    return new MalformedException(what + ": " + MalformedException.quote(text) + " " + why);
  }

  /** Orders texts as their bytes in UTF-8 are ordered, that is by code point. */
  static int compareUtf8(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return Character.isSurrogate(x) == Character.isSurrogate(y)
            ? Character.compare(x, y)
            : Character.isSurrogate(x) ? 1 : -1; // surrogates stand for what is above U+FFFF
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
