package io.posthaste.config;

import io.posthaste.config.ConfigChange.Operation;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.PollResult;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads the changes of a config back from the log, page by page: contents are let go at once. */
final class History {
  private static final int PAGE = 100;
  private static final int MOST = 1_000;

  private final Hub hub;

  History(Hub hub) {
    this.hub = hub;
  }

  /** A message without its content. */
  private record Row(ConfigVersion version, long previous, int bytes) {
    static Row of(ConfigKey key, String epoch, Message message) {
      ConfigVersion version = ConfigVersion.of(key, epoch, message);
      return new Row(version.withoutContent(), message.previous(), message.payload().length());
    }
  }

  CompletionStage<List<ConfigChange>> of(ConfigKey key) {
    Topic topic = key.topic();
    int partition = hub.log().partitionOf(topic);
    return hub.log()
        .head(partition)
        .thenCompose(head -> more(key, new Id(hub.epoch(), partition, head + 1), new ArrayList<>()))
        .thenApply(History::changes);
  }

  /** Adds what was before a place, newest first. */
  private CompletionStage<List<Row>> more(ConfigKey key, Id before, List<Row> rows) {
    return hub.history(List.of(TopicPattern.of(key.topic())), before, PAGE)
        .thenCompose(
            page -> {
              List<Message> messages = page.messages();
              for (int i = messages.size() - 1; i >= 0 && rows.size() < MOST; i--) {
                rows.add(Row.of(key, hub.epoch(), messages.get(i)));
              }
              return messages.isEmpty() || !page.more() || rows.size() >= MOST
                  ? CompletableFuture.completedFuture(rows)
                  : more(key, oldest(page), rows);
            });
  }

  private Id oldest(PollResult page) {
    return Id.of(hub.epoch(), page.messages().get(0));
  }

  private static List<ConfigChange> changes(List<Row> rows) {
    List<ConfigChange> changes = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      boolean isFirst =
          i + 1 < rows.size()
              ? rows.get(i + 1).version().deleted()
              : row.previous() == Message.NONE;
      Operation operation =
          row.version().deleted()
              ? Operation.DELETED
              : isFirst ? Operation.CREATED : Operation.UPDATED;
      changes.add(
          new ConfigChange(
              row.version().id(),
              operation,
              row.version().timeMillis(),
              row.version().md5(),
              row.bytes(),
              row.version().attributes()));
    }
    return List.copyOf(changes);
  }
}
