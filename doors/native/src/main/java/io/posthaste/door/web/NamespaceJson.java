package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.config.ConfigNamespace;
import io.posthaste.config.NamespaceQuota;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces as JSON:
 *
 * <pre>
 *   {"namespace": "shop", "title": "The shop", "description": "…",
 *    "quota": {"configs": 100, "bytes": 1000000, "bytesOfOne": 65536},
 *    "configs": 12, "bytes": 3456, "id": "…", "at": "…", "author": "ann", "comment": "…"}
 * </pre>
 */
final class NamespaceJson {
  /** A body is a few texts. */
  static final int MAX_BYTES = 64 << 10;

  private NamespaceJson() {}

  /**
   * What a request says of a namespace. Of the quota what is not said, or is {@code null}, is no
   * limit.
   */
  record Body(String title, String description, NamespaceQuota quota, String comment) {
    /**
     * Reads one; of no bytes, one that says nothing.
     *
     * @throws MalformedException if it is no object, or says what is not known
     */
    static Body parse(byte[] json) {
      if (json.length == 0) {
        return new Body("", "", NamespaceQuota.NONE, "");
      }
      JsonFields fields = JsonFields.parse("body", json);
      fields.only(Set.of("title", "description", "quota", "comment"));
      byte[] quota = fields.has("quota") ? fields.raw("quota") : null;
      return new Body(
          text(fields, "title"),
          text(fields, "description"),
          quota == null ? NamespaceQuota.NONE : quota(JsonFields.parse("quota", quota)),
          text(fields, "comment"));
    }

    private static String text(JsonFields fields, String name) {
      String text = fields.string(name);
      return text == null ? "" : text;
    }

    private static NamespaceQuota quota(JsonFields fields) {
      fields.only(Set.of("configs", "bytes", "bytesOfOne"));
      return new NamespaceQuota(
          limit(fields, "configs"), limit(fields, "bytes"), limit(fields, "bytesOfOne"));
    }

    private static long limit(JsonFields fields, String name) {
      String text = fields.scalar(name);
      if (text == null) {
        return NamespaceQuota.UNLIMITED;
      }
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new MalformedException(
            "quota: "
                + name
                + " is "
                + MalformedException.quote(text)
                + " (expected: a whole number of 0 or above, or null)");
      }
    }
  }

  static void write(ByteBuf out, List<ConfigNamespace> all) {
    ascii(out, "{\"namespaces\":[");
    for (int i = 0; i < all.size(); i++) {
      if (i > 0) {
        out.writeByte(',');
      }
      write(out, all.get(i));
    }
    ascii(out, "]}");
  }

  static void write(ByteBuf out, ConfigNamespace namespace) {
    ascii(out, "{\"namespace\":");
    JsonText.string(out, namespace.name());
    text(out, "title", namespace.title());
    text(out, "description", namespace.description());
    quota(out, namespace.quota());
    ascii(out, ",\"configs\":" + namespace.configs() + ",\"bytes\":" + namespace.bytes());
    @Nullable Id id = namespace.id();
    if (id != null) {
      ascii(out, ",\"id\":");
      JsonText.id(out, id);
      ascii(out, ",\"at\":");
      JsonText.time(out, namespace.timeMillis());
      text(out, "author", namespace.author());
      text(out, "comment", namespace.comment());
    }
    out.writeByte('}');
  }

  private static void quota(ByteBuf out, NamespaceQuota quota) {
    if (!quota.isNone()) {
      ascii(out, ",\"quota\":{\"configs\":");
      limit(out, quota.configs());
      ascii(out, ",\"bytes\":");
      limit(out, quota.bytes());
      ascii(out, ",\"bytesOfOne\":");
      limit(out, quota.bytesOfOne());
      out.writeByte('}');
    }
  }

  private static void limit(ByteBuf out, long limit) {
    ascii(out, limit == NamespaceQuota.UNLIMITED ? "null" : Long.toString(limit));
  }

  private static void text(ByteBuf out, String name, String value) {
    if (!value.isEmpty()) {
      ascii(out, ",\"" + name + "\":");
      JsonText.string(out, value);
    }
  }
}
