package io.posthaste.config;

import io.posthaste.core.MalformedException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What is said of a version beside its content; each may be empty. They are headers of its message.
 *
 * @param format {@code text}, {@code json}, {@code xml}, {@code yaml}, {@code html}, {@code
 *     properties} or {@code toml}; anything else is taken for text
 * @param author who published it
 * @param address where from
 * @param comment why
 * @param application whose config it is
 * @param description what it is for
 * @param tags split by commas
 * @param encryptedDataKey by which clients that encrypt come to read it
 */
public record ConfigAttributes(
    String format,
    String author,
    String address,
    String comment,
    String application,
    String description,
    String tags,
    String encryptedDataKey) {
  private static final Set<String> FORMATS =
      Set.of("text", "json", "xml", "yaml", "html", "properties", "toml");
  private static final int MAX_CHARS = 4_096;

  /** Text of nobody. */
  public static final ConfigAttributes NONE = of(Map.of());

  /**
   * @throws MalformedException if one has control characters or more than 4,096 characters
   */
  public ConfigAttributes {
    String lower = format.toLowerCase(Locale.ROOT);
    format = FORMATS.contains(lower) ? lower : "text";
    check("author", author);
    check("address", address);
    check("comment", comment);
    check("application", application);
    check("description", description);
    check("tags", tags);
    check("encrypted data key", encryptedDataKey);
  }

  /** Refuses a text that is too long for a header, or has what cannot be in one. */
  static void check(String what, String text) {
    boolean good = text.length() <= MAX_CHARS;
    for (int i = 0; good && i < text.length(); i++) {
      good = text.charAt(i) >= ' ' && text.charAt(i) != 0x7f;
    }
    if (!good) {
      throw new MalformedException(
          what
              + ": "
              + MalformedException.quote(text)
              + " (expected: at most "
              + MAX_CHARS
              + " characters, none of them control characters)");
    }
  }

  /** What the headers of a message say. Whoever wrote them, they are taken as far as they go. */
  static ConfigAttributes of(Map<String, String> headers) {
    return new ConfigAttributes(
        legal(headers, "format"),
        legal(headers, "author"),
        legal(headers, "address"),
        legal(headers, "comment"),
        legal(headers, "application"),
        legal(headers, "description"),
        legal(headers, "tags"),
        legal(headers, "encrypted-data-key"));
  }

  private static String legal(Map<String, String> headers, String name) {
    String value = headers.getOrDefault(name, "");
    try {
      check(name, value);
      return value;
    } catch (MalformedException e) {
      return "";
    }
  }

  public Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("format", format);
    put(headers, "author", author);
    put(headers, "address", address);
    put(headers, "comment", comment);
    put(headers, "application", application);
    put(headers, "description", description);
    put(headers, "tags", tags);
    put(headers, "encrypted-data-key", encryptedDataKey);
    return headers;
  }

  private static void put(Map<String, String> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.put(name, value);
    }
  }

  /** The same in another format. */
  public ConfigAttributes withFormat(String format) {
    return new ConfigAttributes(
        format, author, address, comment, application, description, tags, encryptedDataKey);
  }

  /** The same by somebody, from somewhere, for a reason. */
  public ConfigAttributes by(String author, String address, String comment) {
    return new ConfigAttributes(
        format, author, address, comment, application, description, tags, encryptedDataKey);
  }
}
