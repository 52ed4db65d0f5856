package io.posthaste.config;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The MD5 of a config's content, by which clients name the version that they have (RFC 1321). It
 * tells versions apart; it protects nothing.
 *
 * @param high the first eight bytes
 * @param low the last eight
 */
public record Md5(long high, long low) {
  private static final int HEX_CHARS = 32;
  private static final HexFormat HEX = HexFormat.of();

  /** Of a content. */
  public static Md5 of(Payload content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(content.asByteBuffer());
      ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
      return new Md5(bytes.getLong(), bytes.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }

  /**
   * Reads one of 32 hexadecimal digits.
   *
   * @throws MalformedException if the text is none
   */
  public static Md5 parse(String text) {
    try {
      if (text.length() == HEX_CHARS) {
        return new Md5(
            HexFormat.fromHexDigitsToLong(text, 0, HEX_CHARS / 2),
            HexFormat.fromHexDigitsToLong(text, HEX_CHARS / 2, HEX_CHARS));
      }
    } catch (IllegalArgumentException e) {
      throw refusal(text);
    }
    throw refusal(text);
  }

  private static MalformedException refusal(String text) {
    return new MalformedException(
        "md5: " + MalformedException.quote(text) + " (expected: 32 hexadecimal digits)");
  }

  /** In lower case, as clients write it. */
  @Override
  public String toString() {
    return HEX.toHexDigits(high) + HEX.toHexDigits(low);
  }
}
