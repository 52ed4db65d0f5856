package io.posthaste.server;

import io.posthaste.core.MalformedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Percent-encoding in paths and queries (RFC 3986, 2.1), strictly read. */
public final class PercentCoding {
  private PercentCoding() {}

  /**
   * Decodes a path or a part of one. {@code %2F} is a slash, a plus is a plus.
   *
   * @throws MalformedException if an escape is broken or the bytes are not UTF-8
   */
  public static String decode(String encoded) {
    return decode(encoded, false);
  }

  /**
   * Decodes a query, or a form that is written like one: names and values, of which a plus is a
   * space.
   *
   * @throws MalformedException if an escape is broken or the bytes are not UTF-8
   */
  public static Map<String, List<String>> decodeQuery(String query) {
    if (query.isEmpty()) {
      return Map.of();
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    int from = 0;
    while (from <= query.length()) {
      int to = query.indexOf('&', from);
      if (to < 0) {
        to = query.length();
      }
      if (to > from) {
        String pair = query.substring(from, to);
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
        String value = equals < 0 ? "" : decode(pair.substring(equals + 1), true);
        parameters.computeIfAbsent(name, key -> new ArrayList<>(1)).add(value);
      }
      from = to + 1;
    }
    return parameters;
  }

  private static String decode(String encoded, boolean plusIsSpace) {
    int first = firstCoded(encoded, plusIsSpace);
    if (first < 0) {
      return encoded;
    }
    byte[] in = encoded.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '%') {
        int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
        int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw new MalformedException(
              "percent-encoding: broken at byte "
                  + i
                  + " (expected: % and two hexadecimal digits; a % itself is %25)");
        }
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[length++] = plusIsSpace && in[i] == '+' ? (byte) ' ' : in[i];
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(out, 0, length)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("percent-encoding: not valid UTF-8 (expected: UTF-8)");
    }
  }

  private static int firstCoded(String text, boolean plusIsSpace) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' || plusIsSpace && c == '+') {
        return i;
      }
    }
    return -1;
  }
}
