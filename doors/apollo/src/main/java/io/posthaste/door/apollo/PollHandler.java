package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigListener;
import io.posthaste.config.ConfigWaits;
import io.posthaste.config.Configs;
import io.posthaste.core.Hub;
import io.posthaste.core.Shard;
import io.posthaste.core.Topic;
import io.posthaste.server.Exchange;
import io.posthaste.server.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /notifications/v2}: which of these namespaces have changed since a number? If none
 * has, the answer waits for one. A poll is registered before its numbers are compared, so that no
 * change falls between. {@code GET /notifications} asks the same of one namespace.
 */
final class PollHandler implements ConfigListener {
  private static final Logger LOGGER = LoggerFactory.getLogger(PollHandler.class);

  private final Apps apps;
  private final Spellings spellings;
  private final ApolloOptions options;
  private final Map<Shard, ConfigWaits<Wait>> byShard = new HashMap<>(); // made once

  PollHandler(
      Hub hub,
      Configs configs,
      Apps apps,
      Spellings spellings,
      ApolloOptions options,
      int maxListened) {
    this.apps = apps;
    this.spellings = spellings;
    this.options = options;
    List<Shard> shards = hub.shards();
    for (Shard shard : shards) {
      byShard.put(
          shard,
          new ConfigWaits<>(
              shard, Wait.class, maxListened / shards.size(), options.spread().toMillis()));
    }
    configs.listen(this);
  }

  /**
   * A namespace that a client follows.
   *
   * @param notification what the client says of it
   * @param keys what it may come from, names in lower case
   */
  record Followed(Notification notification, List<ConfigKey> keys) {}

  /** How many waits are parked. */
  int listened() {
    return byShard.values().stream().mapToInt(ConfigWaits::size).sum();
  }

  /** Has every shard tell its own. */
  @Override
  public void onChanged(List<ConfigKey> keys) {
    Set<ConfigKey> folded = new LinkedHashSet<>();
    keys.forEach(key -> folded.add(Spellings.fold(key)));
    byShard.forEach(
        (shard, waits) -> {
          try {
            shard.loop().execute(() -> folded.forEach(key -> tell(waits, key)));
          } catch (RejectedExecutionException ended) {
            LOGGER.debug("loop ended before its polls were told");
          }
        });
  }

  private void tell(ConfigWaits<Wait> waits, ConfigKey key) {
    long stamp = spellings.stamp(key);
    Map<String, Response> answers = new HashMap<>();
    waits.tell(
        key,
        wait -> wait.known < stamp,
        wait -> {
          String kind = (wait.poll.isSingle ? "1" : "2") + wait.namespace;
          wait.poll.answer(
              answers.computeIfAbsent(
                  kind, k -> answer(wait.poll.isSingle, wait.namespace, key, stamp)));
        },
        () -> answers.values().forEach(Response::release));
  }

  private static Response answer(boolean isSingle, String namespace, ConfigKey key, long stamp) {
    if (isSingle) {
      return Answers.response(
          Answers.JSON
              .createObjectNode()
              .put("namespaceName", namespace)
              .put("notificationId", stamp));
    }
    ArrayNode all = Answers.JSON.createArrayNode();
    add(all, namespace, stamp).put(Notification.detail(key, namespace), stamp);
    return Answers.response(all);
  }

  /** Adds a namespace to an answer; its details are to be filled in. */
  private static ObjectNode add(ArrayNode all, String namespace, long stamp) {
    return all.addObject()
        .put("namespaceName", namespace)
        .put("notificationId", stamp)
        .putObject("messages")
        .putObject("details");
  }

  /** {@code /notifications/v2}. */
  void poll(Exchange exchange, Session session) {
    Asked asked = new Asked(exchange);
    follow(exchange, session, Notification.parse(asked.required("notifications")), false);
  }

  /** {@code /notifications}, of old clients. */
  void pollOne(Exchange exchange, Session session) {
    Asked asked = new Asked(exchange);
    String namespace = asked.text("namespace");
    Notification one =
        new Notification(
            namespace.isEmpty() ? "application" : namespace, asked.number("notificationId", -1));
    follow(exchange, session, List.of(one), true);
  }

  private void follow(
      Exchange exchange, Session session, List<Notification> notifications, boolean isSingle) {
    Asked asked = new Asked(exchange);
    String appId = asked.required("appId");
    String cluster = asked.required("cluster");
    String dataCenter = asked.text("dataCenter");
    List<Followed> all = new ArrayList<>(notifications.size());
    int count = 0;
    for (Notification one : notifications) {
      NamespaceName name = NamespaceName.of(one.namespace());
      List<ConfigKey> keys = Places.of(apps, appId, cluster, dataCenter, name).all();
      for (ConfigKey key : keys) {
        Topic topic = key.topic();
        if (!session.mayRead(topic)) {
          Answers.forbid(exchange, session, "read on", topic);
          return;
        }
      }
      all.add(new Followed(one, keys.stream().map(Spellings::fold).toList()));
      count += keys.size();
    }
    Response changed = changed(all, isSingle);
    if (changed != null) {
      Answers.send(exchange, changed);
      return;
    }
    ConfigWaits<Wait> waits = Objects.requireNonNull(byShard.get(exchange.shard()));
    if (!waits.hasRoom(count)) {
      Answers.error(
          exchange, 503, "too many configs are followed here (expected: a retry, or elsewhere)");
      return;
    }
    ParkedPoll poll = new ParkedPoll(exchange, session, waits, isSingle);
    poll.register(all);
    Response since = changed(all, isSingle); // also what changed before it was registered
    if (since != null) {
      poll.end();
      Answers.send(exchange, since);
    } else {
      poll.park(holdMillis());
    }
  }

  /** Not all at the same time, or all would come back at the same time. */
  private long holdMillis() {
    long most = options.hold().toMillis();
    return most - ThreadLocalRandom.current().nextLong(most / 5 + 1);
  }

  /** What to say of the namespaces that have changed; null if none has. */
  private @Nullable Response changed(List<Followed> all, boolean isSingle) {
    ArrayNode changed = Answers.JSON.createArrayNode();
    for (Followed one : all) {
      long stamp = -1;
      for (ConfigKey key : one.keys()) {
        stamp = Math.max(stamp, spellings.stamp(key));
      }
      if (stamp > one.notification().id()) {
        String namespace = one.notification().namespace();
        ObjectNode details = add(changed, namespace, stamp);
        for (ConfigKey key : one.keys()) {
          long of = spellings.stamp(key);
          if (of >= 0) {
            details.put(Notification.detail(key, namespace), of);
          }
        }
      }
    }
    if (changed.isEmpty()) {
      return null;
    }
    if (isSingle) {
      ObjectNode only = (ObjectNode) changed.get(0);
      only.remove("messages");
      return Answers.response(only);
    }
    return Answers.response(changed);
  }
}
