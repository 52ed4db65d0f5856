package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.IntNode;
import io.posthaste.config.AudienceQuery;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;

/** The open API's instances: how many listen to a namespace, of whichever family. */
final class InstancesApi {
  private final Configs configs;
  private final Spellings spellings;

  InstancesApi(Configs configs, Spellings spellings) {
    this.configs = configs;
    this.spellings = spellings;
  }

  /** How many, on all servers that answer; told, as elsewhere, to those who may change it. */
  void count(Call call) {
    ConfigKey key = spellings.of(call.key());
    if (!call.mayPublish(key)) {
      return;
    }
    if (configs.audience().isBusy()) {
      Answers.error(call.exchange, 429, "others ask who listens (expected: a retry)");
      return;
    }
    Answers.later(
        call.exchange,
        configs.audience().find(AudienceQuery.of(key, 0)),
        page -> Answers.json(call.exchange, IntNode.valueOf(page.instances())));
  }
}
