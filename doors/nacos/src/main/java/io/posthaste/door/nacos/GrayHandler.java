package io.posthaste.door.nacos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayContent;
import io.posthaste.config.GrayKey;
import io.posthaste.config.GrayReleases;
import io.posthaste.config.GrayRule;
import io.posthaste.config.GrayVersion;
import io.posthaste.core.Payload;
import io.posthaste.server.Exchange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What {@code /v1/cs/configs} does with versions that are not for all. */
final class GrayHandler {
  private final GrayReleases grays;

  GrayHandler(Configs configs) {
    this.grays = configs.grays();
  }

  /** {@code GET …&beta=true}: the beta version and whom it is for. */
  void show(Exchange exchange, Session session, Parameters given) {
    ConfigKey key = given.key();
    if (!session.mayRead(key.topic())) {
      Sessions.forbid(exchange, session, "read on", key.topic());
      return;
    }
    Answers.later(
        exchange,
        grays.get(GrayNames.beta(key)),
        found -> {
          ObjectNode json =
              Answers.JSON.createObjectNode().put("code", 200).put("message", "query beta ok");
          json.set("data", found.map(GrayHandler::detail).orElse(null));
          Answers.json(exchange, json);
        });
  }

  private static ObjectNode detail(GrayContent gray) {
    GrayVersion version = gray.version();
    return ConfigHandler.detail(gray.shown().version())
        .put("betaIps", GrayNames.addresses(version.rule()))
        .put("grayName", version.key().gray());
  }

  /** Publishes for those at some addresses. */
  CompletionStage<Changed> beta(
      ConfigKey key,
      String addresses,
      Payload content,
      ConfigAttributes attributes,
      Expected expected) {
    return start(GrayNames.beta(key), content, attributes, GrayNames.betaRule(addresses), expected);
  }

  /** Publishes for those who say a tag. */
  CompletionStage<Changed> tag(
      ConfigKey key, String tag, Payload content, ConfigAttributes attributes, Expected expected) {
    return start(GrayNames.tag(key, tag), content, attributes, GrayNames.tagRule(tag), expected);
  }

  private CompletionStage<Changed> start(
      GrayKey key, Payload content, ConfigAttributes attributes, GrayRule rule, Expected expected) {
    return grays.start(key, content, attributes, rule, List.of(), Duration.ZERO, expected);
  }

  /** {@code DELETE …&beta=true}. */
  void stop(Exchange exchange, GrayKey key, ConfigAttributes who) {
    Answers.later(
        exchange,
        grays.abort(key, who, Expected.ANYTHING),
        outcome -> {
          if (outcome instanceof Changed.Done || outcome instanceof Changed.AbsentAlready) {
            Answers.json(
                exchange,
                Answers.JSON
                    .createObjectNode()
                    .put("code", 200)
                    .put("message", "stop beta ok")
                    .put("data", true));
          } else {
            Answers.changed(exchange, outcome);
          }
        });
  }
}
