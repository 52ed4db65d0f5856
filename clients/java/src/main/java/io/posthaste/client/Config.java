package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A version of a config. Immutable. */
public final class Config {
  private final ConfigName name;
  private final String id;
  private final Instant at;
  private final Map<String, String> headers;
  private final String content;
  private final boolean deleted;
  private final Source source;
  private final String gray;
  private @Nullable String md5; // once it was asked for; whoever computes it gets the same

  /** Where a version was found. */
  public enum Source {
    /** A server said so. */
    SERVER,

    /** No server could be asked, or it knew nothing of it: this is what one said before. */
    SNAPSHOT,

    /** The operator's file, which stands above what a server says for as long as it is there. */
    FAILOVER
  }

  Config(
      ConfigName name,
      String id,
      Instant at,
      Map<String, String> headers,
      String content,
      boolean deleted,
      Source source,
      String gray) {
    this.name = name;
    this.id = id;
    this.at = at;
    this.headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    this.content = content;
    this.deleted = deleted;
    this.source = source;
    this.gray = gray;
  }

  static Config of(ConfigName name, Message message) {
    return of(name, message, "");
  }

  static Config of(ConfigName name, Message message, String gray) {
    return new Config(
        name,
        message.id(),
        message.at(),
        message.headers(),
        message.text(),
        message.isDeleted(),
        Source.SERVER,
        gray);
  }

  /** Whose version this is. */
  public ConfigName name() {
    return name;
  }

  /** The version: opaque, for {@link ConfigEdit#ifLatest}; empty if it is the operator's file. */
  public String id() {
    return id;
  }

  /** When the server took it, or when the operator's file was written. */
  public Instant at() {
    return at;
  }

  /** What is said about it: {@code author}, {@code comment} … */
  public Map<String, String> headers() {
    return headers;
  }

  /** The content. */
  public String content() {
    return content;
  }

  /** The content's MD5 in hexadecimal, as Nacos has it. */
  public String md5() {
    String known = md5;
    if (known == null) {
      known = Digests.hex("MD5", content.getBytes(UTF_8));
      md5 = known;
    }
    return known;
  }

  /**
   * The name of the gray version that this is, if it is one: meant for this instance and some
   * others.
   */
  public Optional<String> gray() {
    return gray.isEmpty() ? Optional.empty() : Optional.of(gray);
  }

  boolean isGray() {
    return !gray.isEmpty();
  }

  /** Where it was found. */
  public Source source() {
    return source;
  }

  /**
   * Its format: {@code properties}, {@code yaml}, {@code json}, {@code xml}, {@code html}, {@code
   * toml} or {@code text}. What its publisher said; if that is nothing, or text, what the name ends
   * in.
   */
  public String format() {
    return ConfigFormat.of(headers.getOrDefault("format", ""), name.name());
  }

  /**
   * The keys of properties, YAML or JSON with their values, in their order: {@code a.b}, {@code
   * list[0].c}. What is null is the empty text.
   *
   * @throws ConfigFormatException if it cannot be read as what it says it is, or has another format
   */
  public Map<String, String> keys() {
    return keysAs(format());
  }

  /**
   * The same, read as another format than it says.
   *
   * @param format {@code properties}, {@code yaml} or {@code json}
   * @throws ConfigFormatException as {@link #keys} does
   */
  public Map<String, String> keysAs(String format) {
    return ConfigFormat.keys(this, format);
  }

  /** Whether this says that the config was deleted. */
  boolean isDeleted() {
    return deleted;
  }

  /** That there is none any more. */
  Config ended() {
    return new Config(name, "", Instant.now(), Map.of(), "", true, Source.SERVER, "");
  }

  /** The same, found elsewhere. */
  Config from(Source source) {
    return new Config(name, id, at, headers, content, deleted, source, gray);
  }

  @Override
  public String toString() {
    return name + " " + id + " " + source;
  }
}
