package io.posthaste.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A version to be published: {@code ConfigEdit.of(name, "price: 1").format("yaml")}. Immutable; the
 * other methods give others.
 */
public final class ConfigEdit {
  private final ConfigName name;
  private final String content;
  private final Map<String, String> headers;
  private final @Nullable String latest;
  private final @Nullable String md5;
  private final boolean absent;

  private ConfigEdit(
      ConfigName name,
      String content,
      Map<String, String> headers,
      @Nullable String latest,
      @Nullable String md5,
      boolean absent) {
    this.name = requireNonNull(name, "name");
    this.content = requireNonNull(content, "content");
    this.headers = headers;
    this.latest = latest;
    this.md5 = md5;
    this.absent = absent;
  }

  /** A content; its format is what the config's name ends in, unless said. */
  public static ConfigEdit of(ConfigName name, String content) {
    String format = ConfigFormat.of("", name.name());
    return new ConfigEdit(name, content, Map.of("format", format), null, null, false);
  }

  /** In this format: {@code properties}, {@code yaml}, {@code json}, {@code text} … */
  public ConfigEdit format(String format) {
    return with("format", format);
  }

  /** Who publishes it. */
  public ConfigEdit author(String author) {
    return with("author", author);
  }

  /** Why. */
  public ConfigEdit comment(String comment) {
    return with("comment", comment);
  }

  private ConfigEdit with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, requireNonNull(value, header));
    return new ConfigEdit(name, content, Collections.unmodifiableMap(more), latest, md5, absent);
  }

  /** Only if that is still the latest version. */
  public ConfigEdit ifLatest(String id) {
    return new ConfigEdit(name, content, headers, requireNonNull(id, "id"), null, false);
  }

  /** Only if the latest version's content still has this MD5. */
  public ConfigEdit ifMd5(String md5) {
    return new ConfigEdit(name, content, headers, null, requireNonNull(md5, "md5"), false);
  }

  /** Only if there is no such config, or it was deleted. */
  public ConfigEdit ifAbsent() {
    return new ConfigEdit(name, content, headers, null, null, true);
  }

  ConfigName name() {
    return name;
  }

  @Nullable String md5() {
    return md5;
  }

  Publication publication() {
    Publication publication = Publication.text(name.topic(), content);
    for (Map.Entry<String, String> header : headers.entrySet()) {
      publication = publication.withHeader(header.getKey(), header.getValue());
    }
    publication = publication.withHeader("md5", Digests.hex("MD5", content.getBytes(UTF_8)));
    if (absent) {
      return publication.ifAbsent();
    }
    return latest == null ? publication : publication.ifLatest(latest);
  }

  @Override
  public String toString() {
    return name + " " + headers;
  }
}
