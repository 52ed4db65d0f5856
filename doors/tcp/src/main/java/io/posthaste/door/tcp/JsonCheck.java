package io.posthaste.door.tcp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.posthaste.core.MalformedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Refuses payloads that say they are JSON (RFC 8259) and are not: other doors embed them in JSON as
 * they are.
 */
final class JsonCheck {
  private static final int MAX_DEPTH = 256;
  private static final int MAX_NUMBER_CHARS = 1_000;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(1 << 16)
                  .build())
          // Names come from anybody: they are not to be kept in the JVM's table.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private JsonCheck() {}

  /** Whether a Content-Type is one of JSON; parameters and case do not matter. */
  static boolean isJson(String type) {
    int semicolon = type.indexOf(';');
    String name =
        (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
    return name.equals("application/json") || name.equals("text/json") || name.endsWith("+json");
  }

  /**
   * Refuses what is not one JSON value in UTF-8 without a byte order mark.
   *
   * @throws MalformedException if it is not
   */
  static void check(byte[] payload) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("payload: not UTF-8 (expected: JSON, as the type says)");
    }
    if (text.indexOf(BYTE_ORDER_MARK) == 0 || text.indexOf('\0') >= 0) {
      throw new MalformedException(
          "payload: has a byte order mark or a NUL (expected: JSON, as the type says)");
    }
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new MalformedException("payload: empty (expected: JSON, as the type says)");
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        throw new MalformedException("payload: more than one JSON value (expected: one)");
      }
    } catch (JsonProcessingException e) {
      throw new MalformedException(
          "payload: not JSON at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr()
              + " (expected: JSON, as the type says)");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
