package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.config.AudiencePage;
import io.posthaste.config.ConfigChange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Followership;
import io.posthaste.config.Instance;
import io.posthaste.config.Md5;
import io.posthaste.config.Spreading;
import io.posthaste.config.VersionCount;
import io.posthaste.core.Id;
import io.posthaste.core.NodePlace;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes who listens to a config, and how its versions spread. */
final class AudienceJson {
  private AudienceJson() {}

  /**
   * Who listens.
   *
   * @param history the config's versions, newest first, by which older ones are named; may be empty
   * @param after where the page began
   */
  static void instances(
      ByteBuf out,
      ConfigKey key,
      AudiencePage page,
      List<ConfigChange> history,
      @Nullable NodePlace after) {
    ascii(out, "{\"config\":");
    JsonText.string(out, key.toString());
    counts(out, page);
    ascii(out, ",\"versions\":[");
    list(out, page.versions(), version -> version(out, version, history));
    ascii(out, "],\"instances\":[");
    list(out, page.followers(), follower -> follower(out, follower, history));
    ascii(out, "]");
    nodes(out, page);
    List<Followership> all = page.followers();
    Followership last = all.isEmpty() ? null : all.get(all.size() - 1);
    if (last != null) {
      ascii(out, ",\"next\":");
      JsonText.string(out, new NodePlace(last.node(), last.number()).toString());
    } else if (after != null) {
      ascii(out, ",\"next\":");
      JsonText.string(out, after.toString());
    }
    ascii(out, page.more() ? ",\"more\":true}" : "}");
  }

  /** How the latest versions spread. */
  static void propagation(ByteBuf out, ConfigKey key, AudiencePage page) {
    ascii(out, "{\"config\":");
    JsonText.string(out, key.toString());
    counts(out, page);
    ascii(out, ",\"changes\":[");
    list(
        out,
        page.spreadings(),
        of -> {
          ascii(out, "{\"id\":");
          JsonText.id(out, of.id());
          md5(out, of.md5());
          ascii(out, ",\"at\":");
          JsonText.time(out, of.publishedMillis());
          curve(out, "told", of.told());
          curve(out, "had", of.had());
          out.writeByte('}');
        });
    ascii(out, "]");
    nodes(out, page);
    out.writeByte('}');
  }

  private static void counts(ByteBuf out, AudiencePage page) {
    ascii(out, ",\"count\":" + page.instances() + ",\"behind\":" + page.behind());
    if (page.unknown() > 0) {
      ascii(out, ",\"notKept\":" + page.unknown());
    }
  }

  private static void nodes(ByteBuf out, AudiencePage page) {
    ascii(out, ",\"nodes\":[");
    list(
        out,
        page.nodes().entrySet(),
        (Map.Entry<String, Integer> node) -> {
          ascii(out, "{\"node\":");
          JsonText.string(out, node.getKey());
          ascii(out, ",\"count\":" + node.getValue() + "}");
        });
    ascii(out, "]");
    NodesJson.silent(out, page.silent());
  }

  private static void curve(ByteBuf out, String name, Spreading.Curve curve) {
    ascii(out, ",\"" + name + "\":{\"count\":" + curve.count());
    if (curve.count() > 0) {
      ascii(out, ",\"firstMillis\":" + curve.first() + ",\"halfMillis\":" + curve.half());
      ascii(out, ",\"p99Millis\":" + curve.most() + ",\"lastMillis\":" + curve.last());
    }
    out.writeByte('}');
  }

  private static void version(ByteBuf out, VersionCount of, List<ConfigChange> history) {
    ascii(out, "{\"count\":" + of.instances());
    named(out, of.version().id(), of.version().md5(), history);
    out.writeByte('}');
  }

  /** Names a version, and how many versions it is behind the latest, as far as that is known. */
  private static void named(
      ByteBuf out, @Nullable Id id, @Nullable Md5 md5, List<ConfigChange> history) {
    int behind = place(id, md5, history);
    Id known = id == null && behind >= 0 ? history.get(behind).id() : id;
    if (known != null) {
      ascii(out, ",\"id\":");
      JsonText.id(out, known);
    }
    md5(out, md5);
    if (behind > 0) {
      ascii(out, ",\"behindBy\":" + behind);
    }
  }

  private static int place(@Nullable Id id, @Nullable Md5 md5, List<ConfigChange> history) {
    for (int i = 0; i < history.size(); i++) {
      ConfigChange change = history.get(i);
      boolean isDeletion = change.operation() == ConfigChange.Operation.DELETED;
      if (id == null ? !isDeletion && change.md5().equals(md5) : change.id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  private static void follower(ByteBuf out, Followership of, List<ConfigChange> history) {
    Instance instance = of.instance();
    ascii(out, "{\"node\":");
    JsonText.string(out, of.node());
    ascii(out, ",\"number\":" + of.number() + ",\"address\":");
    JsonText.string(out, instance.address());
    text(out, "instance", instance.id().equals(instance.address()) ? "" : instance.id());
    text(out, "application", instance.application());
    text(out, "client", instance.clientVersion());
    if (!instance.labels().isEmpty()) {
      ascii(out, ",\"labels\":{");
      list(
          out,
          instance.labels().entrySet(),
          (Map.Entry<String, String> label) -> {
            JsonText.string(out, label.getKey());
            out.writeByte(':');
            JsonText.string(out, label.getValue());
          });
      out.writeByte('}');
    }
    text(out, "door", of.door());
    ascii(out, ",\"since\":");
    JsonText.time(out, of.sinceMillis());
    ascii(out, ",\"current\":" + of.isCurrent() + ",\"has\":{\"at\":");
    JsonText.time(out, of.hasMillis());
    named(out, of.id(), of.md5(), of.isCurrent() ? List.of() : history);
    if (of.afterMillis() >= 0) {
      ascii(out, ",\"afterMillis\":" + of.afterMillis());
    }
    ascii(out, ",\"confirmed\":" + of.isConfirmed() + "}");
    Id told = of.told();
    if (told != null) {
      ascii(out, ",\"told\":{\"id\":");
      JsonText.id(out, told);
      ascii(out, ",\"at\":");
      JsonText.time(out, of.toldMillis());
      out.writeByte('}');
    }
    out.writeByte('}');
  }

  private static void md5(ByteBuf out, @Nullable Md5 md5) {
    if (md5 != null) {
      ascii(out, ",\"md5\":\"" + md5 + "\"");
    }
  }

  private static void text(ByteBuf out, String name, String value) {
    if (!value.isEmpty()) {
      ascii(out, ",\"" + name + "\":");
      JsonText.string(out, value);
    }
  }

  private static <T> void list(ByteBuf out, Collection<T> items, Consumer<T> writer) {
    boolean isFirst = true;
    for (T item : items) {
      if (!isFirst) {
        out.writeByte(',');
      }
      isFirst = false;
      writer.accept(item);
    }
  }
}
