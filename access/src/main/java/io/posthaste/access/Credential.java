package io.posthaste.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.posthaste.core.MalformedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What somebody shows to prove who he is. Its text never shows the secret in it. */
public sealed interface Credential {
  /** The longest text that is taken for one, in characters. */
  int MAX_CHARS = 8_192;

  /** A key, in its two parts. */
  record Key(String key, String secret) implements Credential {
    @Override
    public String toString() {
      return "Key[" + key + "]";
    }
  }

  /** An id and a password. */
  record Password(String id, String password) implements Credential {
    @Override
    public String toString() {
      return "Password[]";
    }
  }

  /** A signed token (RFC 7519). */
  record Token(String token) implements Credential {
    @Override
    public String toString() {
      return "Token[]";
    }
  }

  /**
   * A text that was signed by the secret of a key, which is not shown itself. What holds once holds
   * again until the time is over: whoever overhears it may repeat it that long, so what a request
   * does must stand in the text, or the connection be encrypted.
   *
   * @param signer by whose key
   * @param algorithm how
   * @param text what was signed, as its UTF-8
   * @param signature of that, in base64
   * @param signedMillis when, in milliseconds since 1970: the caller sees to it that this stands in
   *     the text
   */
  record Signed(
      Signer signer, SigningAlgorithm algorithm, String text, String signature, long signedMillis)
      implements Credential {
    @Override
    public String toString() {
      return "Signed[" + signer + "]";
    }
  }

  /** A ticket that was given by this server or another of its log. */
  record Ticket(String ticket) implements Credential {
    @Override
    public String toString() {
      return "Ticket[]";
    }
  }

  /**
   * Reads the value of an {@code Authorization} header (RFC 9110, 11.6.2): {@code Bearer} with a
   * key or a token, {@code Basic} with an id and a password (RFC 7617).
   *
   * @throws MalformedException if it is nothing of the kind
   */
  static Credential ofHeader(String value) {
    if (value.length() > MAX_CHARS) {
      throw refused("is longer than " + MAX_CHARS + " characters");
    }
    int space = value.indexOf(' ');
    String scheme = space < 0 ? value : value.substring(0, space);
    String rest = space < 0 ? "" : value.substring(space + 1).strip();
    if (rest.isEmpty()) {
      throw refused("has no credentials");
    }
    if (scheme.equalsIgnoreCase("Bearer")) {
      return ofToken(rest);
    }
    if (scheme.equalsIgnoreCase("Basic")) {
      return ofBasic(rest);
    }
    throw refused("has a scheme that is not known");
  }

  /**
   * Reads what stands behind {@code Bearer}: a key, or a token.
   *
   * @throws MalformedException if it is neither
   */
  static Credential ofToken(String text) {
    List<String> parts = ApiKey.parts(text);
    if (parts != null) {
      return new Key(parts.get(0), parts.get(1));
    }
    if (text.length() > MAX_CHARS || text.chars().filter(c -> c == '.').count() != 2) {
      throw refused("has neither a key nor a token");
    }
    return new Token(text);
  }

  private static Credential ofBasic(String text) {
    String both;
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      both = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw refused("has no base64 of UTF-8");
    }
    int colon = both.indexOf(':');
    if (colon < 0) {
      throw refused("has no colon between id and password");
    }
    return new Password(both.substring(0, colon), both.substring(colon + 1));
  }

  private static MalformedException refused(String what) {
    return new MalformedException(
        "Authorization: "
            + what
            + " (expected: Bearer and a key or token, or Basic and base64 of ID:PASSWORD)");
  }

  /** Reads a credential that may be absent. */
  static @Nullable Credential ofHeaderOrNull(@Nullable String value) {
    return value == null ? null : ofHeader(value);
  }
}
