package io.posthaste.config;

import io.posthaste.core.MalformedException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * One address, or all with the same first bits: {@code 10.0.0.7}, {@code 10.0.0.0/8}, {@code
 * fd00::/8} (RFC 4632, RFC 4291 §2.3). Immutable.
 */
public final class AddressRange {
  private final BigInteger bits;
  private final int width; // of the address: 32 or 128
  private final int prefix;
  private final String text;

  private AddressRange(byte[] address, int prefix, String text) {
    this.width = address.length * Byte.SIZE;
    this.prefix = prefix;
    this.bits = first(address);
    this.text = text;
  }

  private BigInteger first(byte[] address) {
    return new BigInteger(1, address).shiftRight(width - prefix);
  }

  /**
   * Reads one. Looks up no name.
   *
   * @throws MalformedException if it is neither an address nor one with the length of a prefix
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    byte[] address = address(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      throw refusal(text);
    }
    int width = address.length * Byte.SIZE;
    if (slash < 0) {
      return new AddressRange(address, width, text);
    }
    try {
      int prefix = Integer.parseInt(text.substring(slash + 1));
      if (prefix >= 0 && prefix <= width) {
        return new AddressRange(address, prefix, text);
      }
    } catch (NumberFormatException e) {
      throw refusal(text);
    }
    throw refusal(text);
  }

  private static MalformedException refusal(String text) {
    return new MalformedException(
        "address: "
            + MalformedException.quote(text)
            + " (expected: an address, or a range as in 10.0.0.0/8 or fd00::/8)");
  }

  /** Whether an address is one of these; never if the text is none. */
  public boolean contains(String address) {
    byte[] bytes = address(address);
    return bytes != null && contains(bytes);
  }

  boolean contains(byte[] address) {
    return address.length * Byte.SIZE == width && first(address).equals(bits);
  }

  /** The bytes of an address that is written in numbers; null if it is not. */
  static byte @Nullable [] address(String text) {
    if (text.indexOf(':') < 0) {
      return fourBytes(text);
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.digit(c, 16) < 0 && c != ':' && c != '.') {
        return null;
      }
    }
    try {
      return InetAddress.getByName(text).getAddress(); // with a colon it is never looked up
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private static byte @Nullable [] fourBytes(String text) {
    String[] parts = text.split("\\.", 5);
    if (parts.length != 4) {
      return null;
    }
    byte[] bytes = new byte[4];
    for (int i = 0; i < 4; i++) {
      String part = parts[i];
      if (part.isEmpty()
          || part.length() > 3
          || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return null;
      }
      int number = Integer.parseInt(part);
      if (number > 255) {
        return null;
      }
      bytes[i] = (byte) number;
    }
    return bytes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AddressRange range
        && width == range.width
        && prefix == range.prefix
        && bits.equals(range.bits);
  }

  @Override
  public int hashCode() {
    return bits.hashCode() * 31 + prefix;
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }
}
