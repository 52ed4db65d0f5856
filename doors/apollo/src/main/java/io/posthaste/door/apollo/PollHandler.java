package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.access.Session;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigListener;
import io.posthaste.config.ConfigWaits;
import io.posthaste.config.Configs;
import io.posthaste.config.WaitRoom;
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
import java.util.function.Predicate;
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
  private final Callers callers;
  private final ApolloOptions options;
  private final Map<Shard, ConfigWaits<Wait>> byShard = new HashMap<>(); // made once

  PollHandler(
      Hub hub,
      Configs configs,
      Apps apps,
      Spellings spellings,
      Callers callers,
      ApolloOptions options,
      WaitRoom room) {
    this.apps = apps;
    this.spellings = spellings;
    this.callers = callers;
    this.options = options;
    for (Shard shard : hub.shards()) {
      byShard.put(shard, new ConfigWaits<>(shard, Wait.class, room, options.spread().toMillis()));
    }
    configs.listen(this);
  }

  /**
   * A namespace that a client follows.
   *
   * @param notification what the client says of it
   * @param asked what it may come from, as the client spells it
   */
  record Followed(Notification notification, List<ConfigKey> asked) {}

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
    long newest = spellings.stamp(key);
    Map<String, Response> answers = new HashMap<>();
    waits.tell(
        key,
        wait -> wait.known < newest,
        wait -> {
          long stamp = spellings.stamp(key, wait.poll::mayRead);
          if (wait.known < stamp) {
            String kind = (wait.poll.isSingle ? "1 " : "2 ") + stamp + " " + wait.namespace;
            callers.told(wait.poll.caller, key);
            wait.poll.answer(
                answers.computeIfAbsent(
                    kind, k -> answer(wait.poll.isSingle, wait.namespace, key, stamp)));
          }
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
    Predicate<ConfigKey> mayRead = key -> session.mayRead(key.topic());
    for (Notification one : notifications) {
      NamespaceName name = NamespaceName.of(one.namespace());
      Places places = Places.of(apps, appId, cluster, dataCenter, name);
      for (ConfigKey key : places.own()) {
        Topic topic = key.topic();
        if (!session.mayRead(topic)) {
          Answers.forbid(exchange, session, "read on", topic);
          return;
        }
      }
      all.add(new Followed(one, places.readable(mayRead).all()));
    }
    Caller caller = callers.begin(asked.caller(appId, cluster));
    boolean isParked = false;
    try {
      isParked = answerOrPark(exchange, session, caller, all, isSingle);
    } finally {
      if (!isParked) {
        caller.end();
      }
    }
  }

  /** Answers a poll, or has it wait, which ends its caller's poll then; whether it waits. */
  private boolean answerOrPark(
      Exchange exchange, Session session, Caller caller, List<Followed> all, boolean isSingle) {
    Predicate<ConfigKey> mayRead = key -> session.mayRead(key.topic());
    Response changed = changed(all, isSingle, mayRead, caller);
    if (changed != null) {
      Answers.send(exchange, changed);
      return false;
    }
    ConfigWaits<Wait> waits = Objects.requireNonNull(byShard.get(exchange.shard()));
    List<ConfigKey> keys = all.stream().flatMap(one -> one.asked().stream()).toList();
    if (!waits.hasRoom(keys, Spellings::fold)) {
      Answers.error(
          exchange, 503, "too many configs are followed here (expected: a retry, or elsewhere)");
      return false;
    }
    ParkedPoll poll = new ParkedPoll(exchange, session, caller, waits, keys.size(), isSingle);
    poll.register(all);
    // Also what changed before it was registered.
    Response since = changed(all, isSingle, mayRead, caller);
    if (since != null) {
      poll.remove();
      Answers.send(exchange, since);
      return false;
    }
    poll.park(holdMillis());
    return true;
  }

  /** Not all at the same time, or all would come back at the same time. */
  private long holdMillis() {
    long most = options.hold().toMillis();
    return most - ThreadLocalRandom.current().nextLong(most / 5 + 1);
  }

  /** What to say of the namespaces that have changed; null if none has. */
  private @Nullable Response changed(
      List<Followed> all, boolean isSingle, Predicate<ConfigKey> mayRead, Caller caller) {
    ArrayNode changed = Answers.JSON.createArrayNode();
    for (Followed one : all) {
      long stamp = -1;
      for (ConfigKey key : one.asked()) {
        stamp = Math.max(stamp, spellings.stamp(Spellings.fold(key), mayRead));
      }
      if (stamp > one.notification().id()) {
        String namespace = one.notification().namespace();
        ObjectNode details = add(changed, namespace, stamp);
        for (ConfigKey key : one.asked()) {
          long of = spellings.stamp(Spellings.fold(key), mayRead);
          if (of > one.notification().id()) {
            callers.told(caller, Spellings.fold(key));
          }
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
