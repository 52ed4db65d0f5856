package io.posthaste.door.web;

import io.posthaste.core.Shard;
import io.posthaste.server.Exchange;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/** Each shard's {@link ShardForms}. Thread-safe. */
final class FormsByShard {
  private final MessageJson json;
  private final Map<Shard, ShardForms> forms = new ConcurrentHashMap<>();

  FormsByShard(MessageJson json) {
    this.json = json;
  }

  /** Those of the exchange's shard. */
  ShardForms of(Exchange exchange) {
    ShardForms known = forms.get(exchange.shard());
    return known != null
        ? known
        : forms.computeIfAbsent(
            exchange.shard(), shard -> new ShardForms(shard, exchange.alloc(), json));
  }

  /** Lets go of them all, each on its shard's thread while that lives. */
  void close() {
    forms.forEach(
        (shard, of) -> {
          try {
            shard.loop().execute(of::close);
          } catch (RejectedExecutionException ended) {
            of.close();
          }
        });
    forms.clear();
  }
}
