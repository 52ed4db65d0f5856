package io.posthaste.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * Judges JSON (RFC 8259) that comes from outside, within limits of depth and of numbers: doors
 * embed it in their answers as it came.
 */
public final class JsonCheck {
  /** How deep objects and arrays may nest. */
  public static final int MAX_DEPTH = 256;

  /** How many characters a number may have. */
  public static final int MAX_NUMBER_CHARS = 1_000;

  private static final int SHOWN_CHARS = 200;

  private static final JsonFactory FACTORY = factory(MAX_DEPTH, Long.MAX_VALUE);

  /**
   * For trees, which are many times as large as the text: within 32 levels and 200,000 tokens, a
   * list of 10,000 objects of several fields among them.
   */
  public static final JsonFactory TREES = factory(32, 200_000);

  private JsonCheck() {}

  private static JsonFactory factory(int maxDepth, long maxTokens) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(maxDepth)
                .maxTokenCount(maxTokens)
                .maxNumberLength(MAX_NUMBER_CHARS)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(1 << 16)
                .build())
        // Names come from anybody: they are not to be kept in the JVM's table.
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .build();
  }

  /** Whether a Content-Type is one of JSON; parameters and case do not matter. */
  public static boolean isJson(String type) {
    String name = mediaType(type);
    return name.equals("application/json") || name.equals("text/json") || name.endsWith("+json");
  }

  /** A Content-Type in lower case without its parameters. */
  public static String mediaType(String type) {
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
  }

  /** A parser over bytes that {@link #checkEncoding} has let through. */
  public static JsonParser parser(byte[] utf8, int from, int length) throws IOException {
    return FACTORY.createParser(utf8, from, length);
  }

  /** Whether the bytes are one JSON value in UTF-8 without a byte order mark. */
  public static boolean isValid(byte[] bytes) {
    try {
      check("json", bytes);
      return true;
    } catch (MalformedException e) {
      return false;
    }
  }

  /**
   * Refuses what is not one JSON value in UTF-8 without a byte order mark.
   *
   * @param what names the value in the refusal
   * @throws MalformedException if it is not
   */
  public static void check(String what, byte[] bytes) {
    checkEncoding(what, bytes);
    try (JsonParser parser = parser(bytes, 0, bytes.length)) {
      if (parser.nextToken() == null) {
        throw new MalformedException(what + ": empty (expected: one JSON value)");
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        throw new MalformedException(what + ": more than one JSON value (expected: one)");
      }
    } catch (IOException e) {
      throw refusal(what, e);
    }
  }

  /**
   * The parser would guess at UTF-16 and UTF-32, and skip a byte order mark, all of which would
   * spoil an answer that the bytes are embedded in.
   *
   * @param what names the value in the refusal
   * @throws MalformedException if the bytes are not UTF-8, or have a byte order mark or a NUL
   */
  public static void checkEncoding(String what, byte[] bytes) {
    boolean mark =
        bytes.length >= 3
            && bytes[0] == (byte) 0xef
            && bytes[1] == (byte) 0xbb
            && bytes[2] == (byte) 0xbf;
    if (mark || !isUtf8(bytes)) {
      throw new MalformedException(
          what + ": not JSON in UTF-8 (expected: UTF-8 without a byte order mark)");
    }
    for (byte b : bytes) {
      if (b == 0) {
        throw new MalformedException(what + ": has a NUL (expected: JSON in UTF-8)");
      }
    }
  }

  /** Whether the bytes are UTF-8 without fault: no overlong form, no half surrogate. */
  public static boolean isUtf8(byte[] bytes) {
    return ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), UTF_8);
  }

  /**
   * Says in one line what the parser did not like.
   *
   * @param what names the value in the refusal
   */
  public static MalformedException refusal(String what, IOException fault) {
    if (!(fault instanceof JsonProcessingException json)) {
      throw new UncheckedIOException(fault);
    }
    StringBuilder said = new StringBuilder(what).append(": not JSON: ");
    String why = json.getOriginalMessage();
    for (int i = 0; i < Math.min(why.length(), SHOWN_CHARS); i++) {
      char c = why.charAt(i);
      said.append(c < ' ' || c == 0x7f ? ' ' : c);
    }
    if (json.getLocation() != null) {
      said.append(" at line ").append(json.getLocation().getLineNr());
      said.append(", column ").append(json.getLocation().getColumnNr());
    }
    return new MalformedException(said.toString());
  }
}
