package io.posthaste.config;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Message;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Namespaces as things of their own: named, described, with a quota. What is said of one is a
 * message, so that every node knows it; how much it holds is counted by the index.
 *
 * <p>On one node a quota is kept to the config. On several it may be exceeded by what the others
 * have taken and this one has not heard of yet. While a node reads its configs at its start nothing
 * is refused by it, and what is under way when a quota is set does not count against it.
 *
 * <p>Thread-safe; stages as in {@link Configs}.
 */
public final class ConfigNamespaces {
  private static final int MAX_NAME_CHARS = 128;
  private static final int MAX_TITLE_CHARS = 256;

  private final Hub hub;
  private final ConfigIndex index;

  ConfigNamespaces(Hub hub, ConfigIndex index) {
    this.hub = hub;
    this.index = index;
  }

  /** All that somebody has made or that have a config, and the default one; in order. */
  public List<ConfigNamespace> all() {
    return Stream.concat(Stream.of(ConfigKey.DEFAULT_NAMESPACE), index.quotas().names())
        .distinct()
        .sorted()
        .map(this::of)
        .toList();
  }

  /**
   * One; empty if nobody has made it and it has no config. The default one is always there.
   *
   * @param name the empty one is the default
   * @throws MalformedException if the name is not legal
   */
  public Optional<ConfigNamespace> find(String name) {
    ConfigNamespace found = of(checked(name));
    return found.isMade() || found.configs() > 0 || found.name().equals(ConfigKey.DEFAULT_NAMESPACE)
        ? Optional.of(found)
        : Optional.empty();
  }

  private ConfigNamespace of(String name) {
    Quotas quotas = index.quotas();
    NamespaceRecord record = quotas.record(name);
    long configs = quotas.configs(name);
    long bytes = quotas.bytes(name);
    return record == null
        ? new ConfigNamespace(name, "", "", NamespaceQuota.NONE, configs, bytes, null, 0, "", "")
        : new ConfigNamespace(
            name,
            record.title(),
            record.description(),
            record.quota(),
            configs,
            bytes,
            record.id(),
            record.timeMillis(),
            record.author(),
            record.comment());
  }

  /**
   * Refuses what can be no namespace's name.
   *
   * @throws MalformedException if it is empty, too long or has other characters
   */
  public static void check(String name) {
    ConfigKey.check("namespace", name, MAX_NAME_CHARS);
  }

  private static String checked(String name) {
    String full = name.isEmpty() ? ConfigKey.DEFAULT_NAMESPACE : name;
    check(full);
    return full;
  }

  /**
   * Makes a namespace, or says something else of one.
   *
   * @param title at most 256 characters
   * @param description at most 4,096 characters
   * @param who who does it and why
   * @param expected that it is there ({@link Expected.Version}), or is not made yet, or nothing; a
   *     content it has not
   * @return {@link Changed.Done}, or why not
   * @throws MalformedException if the name, or a text, is not legal
   */
  public CompletionStage<Changed> put(
      String name,
      String title,
      String description,
      NamespaceQuota quota,
      ConfigAttributes who,
      Expected expected) {
    String full = checked(name);
    ConfigAttributes.check("title", title);
    if (title.length() > MAX_TITLE_CHARS) {
      throw new MalformedException(
          "title: " + title.length() + " characters (expected: at most " + MAX_TITLE_CHARS + ")");
    }
    ConfigAttributes.check("description", description);
    Append append =
        NamespaceRecord.append(full, title, description, quota, who, condition(expected));
    return hub.publish(append).thenApply(appended -> became(full, append, appended));
  }

  private static Condition condition(Expected expected) {
    if (expected instanceof Expected.Absent) {
      return Condition.ABSENT;
    }
    if (expected instanceof Expected.Version version) {
      return new Condition.LatestIs(version.id());
    }
    if (expected instanceof Expected.Content) {
      throw new IllegalArgumentException("a namespace has no content");
    }
    return Condition.ANY;
  }

  /** Learns it before anybody is answered, so that whoever wrote finds it written. */
  private Changed became(String name, Append append, Appended appended) {
    if (appended instanceof Appended.Stored stored) {
      Message message = message(append, stored);
      index
          .quotas()
          .learn(
              name,
              stored.id().sequence(),
              NamespaceRecord.of(name, hub.epoch(), message).orElse(null));
      return new Changed.Done(stored.id(), stored.timeMillis());
    }
    return Configs.refusal(append, appended);
  }

  private static Message message(Append append, Appended.Stored stored) {
    return new Message(
        append.topic(),
        stored.id().partition(),
        stored.id().sequence(),
        Message.UNKNOWN,
        stored.timeMillis(),
        append.type(),
        append.headers(),
        append.payload(),
        append.deleted());
  }

  /**
   * Says nothing of a namespace any more; only if there is no config in it, nor a gray version.
   *
   * @param who who does it and why
   * @return {@link Changed.Done}, {@link Changed.AbsentAlready}, {@link Changed.Refused} if there
   *     is something in it or it is the default one, or why else not
   */
  public CompletionStage<Changed> remove(String name, ConfigAttributes who, Expected expected) {
    String full = checked(name);
    String obstacle = obstacle(full);
    if (obstacle != null) {
      return CompletableFuture.completedFuture(new Changed.Refused(obstacle));
    }
    Append tombstone = NamespaceRecord.tombstone(full, who);
    Append append =
        expected instanceof Expected.Version version
            ? tombstone.when(new Condition.LatestIs(version.id()))
            : tombstone;
    return hub.publish(append).thenApply(appended -> became(full, append, appended));
  }

  private @Nullable String obstacle(String name) {
    if (name.equals(ConfigKey.DEFAULT_NAMESPACE)) {
      return "namespace \"" + name + "\" is always there (expected: another)";
    }
    long configs = index.quotas().configs(name);
    if (configs > 0) {
      return "namespace \""
          + name
          + "\" has "
          + configs
          + (configs == 1 ? " config" : " configs")
          + " (expected: none; delete them first)";
    }
    boolean hasGray =
        index.grays().all().anyMatch(gray -> gray.key().config().namespace().equals(name));
    return hasGray
        ? "namespace \"" + name + "\" has a gray version (expected: none; abort it first)"
        : null;
  }
}
