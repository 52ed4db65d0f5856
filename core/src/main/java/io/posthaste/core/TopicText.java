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
}
