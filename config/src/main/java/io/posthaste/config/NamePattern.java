package io.posthaste.config;

/**
 * What a search asks of a name: {@code *} stands for any text, an empty one for any name.
 *
 * @param text the pattern
 */
record NamePattern(String text) {
  /** Whether a name passes. Costs at most the product of both lengths, whatever the pattern. */
  boolean matches(String name) {
    if (text.isEmpty()) {
      return true;
    }
    int at = 0;
    int i = 0;
    int star = -1; // the last one passed
    int resume = 0; // where in the name to try again if what follows that star does not fit
    while (i < name.length()) {
      if (at < text.length() && text.charAt(at) == '*') {
        star = at++;
        resume = i;
      } else if (at < text.length() && text.charAt(at) == name.charAt(i)) {
        at++;
        i++;
      } else if (star >= 0) {
        at = star + 1;
        i = ++resume;
      } else {
        return false;
      }
    }
    while (at < text.length() && text.charAt(at) == '*') {
      at++;
    }
    return at == text.length();
  }
}
