package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.config.GrayContent;
import io.posthaste.config.GrayMatch;
import io.posthaste.config.GrayRule;
import io.posthaste.config.GrayVersion;
import io.posthaste.config.Rollout;
import io.posthaste.core.Id;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Writes gray versions; {@link GrayBody} says how a rule looks. */
final class GrayJson {
  private GrayJson() {}

  static void write(ByteBuf out, List<GrayVersion> grays) {
    ascii(out, "{\"gray\":");
    list(out, grays, gray -> write(out, gray, () -> {}));
    out.writeByte('}');
  }

  static void write(ByteBuf out, GrayContent gray) {
    write(
        out,
        gray.version(),
        () -> {
          ascii(out, ",\"data\":");
          JsonText.string(out, gray.content().utf8());
        });
  }

  private static void write(ByteBuf out, GrayVersion gray, Runnable content) {
    ascii(out, "{\"name\":");
    JsonText.string(out, gray.key().gray());
    ascii(out, ",\"id\":");
    JsonText.id(out, gray.id());
    ascii(out, ",\"at\":");
    JsonText.time(out, gray.timeMillis());
    ascii(out, ",\"md5\":\"" + gray.md5() + "\",\"bytes\":" + gray.bytes());
    text(out, "format", gray.attributes().format());
    text(out, "author", gray.attributes().author());
    text(out, "comment", gray.attributes().comment());
    ascii(out, ",\"rule\":");
    rule(out, gray.rule());
    rollout(out, gray);
    content.run();
    out.writeByte('}');
  }

  private static void text(ByteBuf out, String name, String value) {
    if (!value.isEmpty()) {
      ascii(out, ",\"" + name + "\":");
      JsonText.string(out, value);
    }
  }

  private static void rule(ByteBuf out, GrayRule rule) {
    ascii(out, "{\"priority\":" + rule.priority() + ",\"percent\":" + percent(rule.share()));
    if (!rule.anyOf().isEmpty()) {
      ascii(out, ",\"anyOf\":");
      list(out, rule.anyOf(), match -> match(out, match));
    }
    out.writeByte('}');
  }

  private static void match(ByteBuf out, GrayMatch match) {
    ascii(out, "{\"addresses\":");
    strings(out, match.addresses().stream().map(String::valueOf).toList());
    ascii(out, ",\"applications\":");
    strings(out, match.applications());
    ascii(out, ",\"labels\":{");
    list(
        out,
        match.labels().entrySet(),
        label -> {
          JsonText.string(out, label.getKey());
          out.writeByte(':');
          strings(out, label.getValue());
        },
        "}}");
  }

  private static void rollout(ByteBuf out, GrayVersion gray) {
    Rollout rollout = gray.rollout();
    Id base = rollout.base();
    if (base != null) {
      ascii(out, ",\"base\":");
      JsonText.id(out, base);
    }
    ascii(out, ",\"state\":\"" + rollout.state().name().toLowerCase(Locale.ROOT) + "\"");
    text(out, "reason", rollout.reason());
    if (!rollout.stages().isEmpty()) {
      ascii(out, ",\"stages\":");
      list(out, rollout.stages(), stage -> ascii(out, percent(stage)));
      ascii(out, ",\"everySeconds\":" + rollout.every().toSeconds());
    }
    gray.nextStageMillis()
        .ifPresent(
            next -> {
              ascii(out, ",\"next\":");
              JsonText.time(out, next);
            });
  }

  private static String percent(int share) {
    return BigDecimal.valueOf(share, 2).stripTrailingZeros().toPlainString();
  }

  private static void strings(ByteBuf out, List<String> texts) {
    list(out, texts, text -> JsonText.string(out, text));
  }

  private static <T> void list(ByteBuf out, Collection<T> items, Consumer<T> writer) {
    out.writeByte('[');
    list(out, items, writer, "]");
  }

  private static <T> void list(ByteBuf out, Collection<T> items, Consumer<T> writer, String end) {
    boolean isFirst = true;
    for (T item : items) {
      if (!isFirst) {
        out.writeByte(',');
      }
      isFirst = false;
      writer.accept(item);
    }
    ascii(out, end);
  }
}
