package io.posthaste.door.nacos;

import io.posthaste.config.ConfigKey;
import io.posthaste.config.Listened;
import io.posthaste.config.Md5;
import io.posthaste.core.MalformedException;
import io.posthaste.server.PercentCoding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configs that a poll listens to, and which version of each the client has. On the wire: entry
 * by entry,
 *
 * <pre>
 *   dataId 02 group 02 md5 01
 *   dataId 02 group 02 md5 02 tenant 01
 * </pre>
 *
 * with the characters of code 1 and 2 between them.
 */
final class Listening {
  /** The most entries of a poll. */
  static final int MAX_ENTRIES = 10_000;

  static final char ENTRY_END = 1;
  static final char FIELD_END = 2;

  private Listening() {}

  /** How a client has spelt the namespace; it wants to hear it the same way. */
  enum Spelling {
    /** Not at all. */
    ABSENT,
    /** By an empty field. */
    EMPTY,
    /** By its name. */
    NAMED
  }

  /**
   * One entry.
   *
   * @param key which config
   * @param spelling how its namespace was spelt
   * @param md5 of what the client has; null if it has nothing
   */
  record Entry(ConfigKey key, Spelling spelling, @Nullable Md5 md5) implements Listened {}

  /**
   * Reads the value of {@code Listening-Configs}.
   *
   * @throws MalformedException if an entry is not as above, or there are too many, or none
   */
  static List<Entry> parse(String value) {
    // Some clients encode it twice, and names have no percent sign.
    String text = value.indexOf('%') >= 0 ? PercentCoding.decode(value) : value;
    List<Entry> entries = new ArrayList<>();
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf(ENTRY_END, from);
      if (end < 0) {
        throw malformed(entries.size(), "does not end in the character of code 1");
      }
      if (entries.size() == MAX_ENTRIES) {
        throw new MalformedException(
            "Listening-Configs: too many entries (expected: at most " + MAX_ENTRIES + ")");
      }
      entries.add(entry(text, from, end, entries.size()));
      from = end + 1;
    }
    if (entries.isEmpty()) {
      throw new MalformedException("Listening-Configs: empty (expected: an entry at least)");
    }
    return entries;
  }

  private static Entry entry(String text, int from, int end, int index) {
    int group = next(text, from, end);
    int md5 = group < 0 ? -1 : next(text, group, end);
    if (md5 < 0) {
      throw malformed(index, "has fewer than 3 fields");
    }
    int tenant = next(text, md5, end);
    if (tenant >= 0 && next(text, tenant, end) >= 0) {
      throw malformed(index, "has more than 4 fields");
    }
    String namespace = tenant < 0 ? "" : text.substring(tenant, end);
    String known = text.substring(md5, tenant < 0 ? end : tenant - 1);
    return new Entry(
        new ConfigKey(namespace, text.substring(group, md5 - 1), text.substring(from, group - 1)),
        tenant < 0 ? Spelling.ABSENT : namespace.isEmpty() ? Spelling.EMPTY : Spelling.NAMED,
        known.isEmpty() ? null : Md5.parse(known));
  }

  /** Where the field after the one at this place begins; -1 if it is the entry's last. */
  private static int next(String text, int from, int end) {
    int at = text.indexOf(FIELD_END, from);
    return at < 0 || at >= end ? -1 : at + 1;
  }

  private static MalformedException malformed(int index, String what) {
    return new MalformedException(
        "Listening-Configs: entry "
            + index
            + " "
            + what
            + " (expected: dataId, group, md5 and perhaps tenant, with the character of code 2"
            + " between them and that of code 1 behind them)");
  }

  /** Writes an entry of an answer as the client knows it. */
  static void write(StringBuilder out, ConfigKey key, Spelling spelling) {
    out.append(key.name()).append(FIELD_END).append(key.group());
    if (spelling != Spelling.ABSENT) {
      out.append(FIELD_END).append(spelling == Spelling.EMPTY ? "" : key.namespace());
    }
    out.append(ENTRY_END);
  }
}
