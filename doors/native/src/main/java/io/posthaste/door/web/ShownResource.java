package io.posthaste.door.web;

import static io.posthaste.door.web.JsonText.ascii;

import io.netty.buffer.ByteBuf;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Instance;
import io.posthaste.config.Shown;
import io.posthaste.core.MalformedException;
import io.posthaste.server.Exchange;
import io.posthaste.server.HoldListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code GET /v1/configs/{namespace}/{group}/{name}}: the version of a config that is meant for
 * whoever asks, as {@link CallerHeader} says who that is: a gray one, or the one for all.
 */
final class ShownResource implements ConfigResource {
  private final Configs configs;

  ShownResource(Configs configs) {
    this.configs = configs;
  }

  @Override
  public void handle(Exchange exchange, Session session, ConfigKey key, List<String> rest) {
    String method = exchange.request().method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      throw new MalformedException(
          "path: nothing is there for "
              + method
              + " (expected: GET, or POST /v1/topics/config/NAMESPACE/GROUP/NAME to publish)");
    }
    Parameters.of(exchange.request(), Set.of());
    if (!session.mayRead(key.topic())) {
      Answers.problem(exchange, Refusal.forbidden(session, "read on \"" + key.topic() + "\""));
      return;
    }
    Instance instance = CallerHeader.of(exchange);
    exchange.hold(HoldListener.SHORTLY);
    OnShard.then(
        exchange.shard(),
        configs.get(key, instance),
        found -> {
          if (found.isPresent()) {
            Answers.json(
                exchange,
                200,
                Map.of("ETag", Answers.etag(found.get().version().id())),
                out -> write(out, found.get()));
          } else {
            Answers.problem(
                exchange, Refusal.absent("config: there is no \"" + key + "\", or it was deleted"));
          }
        },
        refusal -> Answers.problem(exchange, refusal));
  }

  /** As the message that it is, and which gray version. */
  private static void write(ByteBuf out, Shown shown) {
    ConfigVersion version = shown.version();
    ascii(out, "{\"topic\":");
    JsonText.string(out, version.key().topic().name());
    ascii(out, ",\"id\":");
    JsonText.id(out, version.id());
    ascii(out, ",\"at\":");
    JsonText.time(out, version.timeMillis());
    ascii(out, ",\"type\":\"text/plain\",\"headers\":{");
    Map<String, String> headers = new LinkedHashMap<>(version.attributes().headers());
    headers.put("md5", version.md5().toString());
    String before = "";
    for (Map.Entry<String, String> header : headers.entrySet()) {
      ascii(out, before);
      JsonText.string(out, header.getKey());
      JsonText.string(out.writeByte(':'), header.getValue());
      before = ",";
    }
    ascii(out, "},\"data\":");
    JsonText.string(out, version.content().utf8());
    if (!shown.gray().isEmpty()) {
      ascii(out, ",\"gray\":");
      JsonText.string(out, shown.gray());
    }
    out.writeByte('}');
  }
}
