package io.posthaste.config;

import io.posthaste.core.Append;
import io.posthaste.core.Appended;
import io.posthaste.core.Condition;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.Message;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Versions of configs that some instances see and others not yet. Each is one message with content,
 * rule and stage, and every change of one a compare-and-set on it: of two who act at once, on
 * whichever nodes, one finds that the other was first.
 *
 * <pre>
 *   start ──▶ ACTIVE ⇄ HELD ──▶ PROMOTING ──▶ (version for all, gray gone)
 *                │      │           │
 *                └──────┴─▶ aborted └──▶ HELD, if the config is no longer what it was
 * </pre>
 *
 * <p>A promotion is marked first, so that nobody aborts what is on its way, then published, then
 * the gray version is deleted. If its node dies on the way, another goes on from the mark.
 *
 * <p>Thread-safe; stages as in {@link Configs}.
 */
public final class GrayReleases {
  /** How many gray versions a config may have. */
  public static final int MAX = Grays.MAX;

  private static final int TRIES = 16;

  /** Where a draft stands, before it is in the log. */
  private static final Id NOWHERE = new Id("0", 0, 0);

  private final Hub hub;
  private final ConfigIndex index;
  private final Digests digests;
  private final Configs configs;

  GrayReleases(Hub hub, ConfigIndex index, Digests digests, Configs configs) {
    this.hub = hub;
    this.index = index;
    this.digests = digests;
    this.configs = configs;
  }

  /** A content and its MD5. */
  private record Text(Payload content, Md5 md5) {}

  /** What is written next in the place of a gray version; or why nothing is. */
  private sealed interface Next {
    /** This is. */
    record Write(GrayContent draft) implements Next {}

    /** It is deleted. */
    record Delete(ConfigAttributes attributes) implements Next {}

    /** Nothing is. */
    record No(Changed outcome) implements Next {}

    static Next no(String reason) {
      return new No(new Changed.Refused(reason));
    }
  }

  /** Those of a config, in the order in which their rules are asked. Asks the log nothing. */
  public List<GrayVersion> of(ConfigKey key) {
    return index.grays().of(key);
  }

  /** Those of all configs, in no order. */
  Stream<GrayVersion> all() {
    return index.grays().all();
  }

  /** One with its content; empty if there is none. */
  public CompletionStage<Optional<GrayContent>> get(GrayKey key) {
    return hub.latest(key.topic())
        .thenApply(
            found -> {
              if (found.isEmpty()) {
                return Optional.empty();
              }
              Optional<GrayVersion> version = version(key, found.get());
              index.grays().learn(key, found.get().sequence(), version.orElse(null));
              return version.map(v -> new GrayContent(v, found.get().payload()));
            });
  }

  private Optional<GrayVersion> version(GrayKey key, Message message) {
    @Nullable Md5 known = index.grays().md5(key, message.sequence());
    return known == null
        ? GrayVersion.of(key, hub.epoch(), message)
        : GrayVersion.of(key, hub.epoch(), message, known);
  }

  /**
   * Makes a gray version, or gives one that is there other content and begins with it anew.
   *
   * @param rule who sees it; with stages, the first of them stands for its share
   * @param stages as {@link Rollout#stages}
   * @param every as {@link Rollout#every}
   * @param expected what it must be now
   * @return {@link Changed.Done}, or why not
   */
  public CompletionStage<Changed> start(
      GrayKey key,
      Payload content,
      ConfigAttributes attributes,
      GrayRule rule,
      List<Integer> stages,
      Duration every,
      Expected expected) {
    GrayRule first = stages.isEmpty() ? rule : rule.withShare(stages.get(0));
    Rollout.through(stages, every, null); // refuses what is not legal before anything is asked
    return digests
        .of(content)
        .thenCompose(
            md5 -> start(key, new Text(content, md5), attributes, first, stages, every, expected));
  }

  private CompletionStage<Changed> start(
      GrayKey key,
      Text text,
      ConfigAttributes attributes,
      GrayRule first,
      List<Integer> stages,
      Duration every,
      Expected expected) {
    return configs
        .get(key.config())
        .thenCompose(
            main -> {
              @Nullable Id base = main.map(ConfigVersion::id).orElse(null);
              Rollout rollout = Rollout.through(stages, every, base);
              return change(
                  key,
                  expected,
                  before ->
                      before == null && of(key.config()).size() >= MAX
                          ? Next.no("the config has " + MAX + " gray versions (expected: fewer)")
                          : write(key, text, attributes, first, rollout),
                  TRIES);
            });
  }

  private static Next write(
      GrayKey key, Text text, ConfigAttributes attributes, GrayRule rule, Rollout rollout) {
    Payload content = text.content();
    return new Next.Write(
        new GrayContent(
            new GrayVersion(
                key, NOWHERE, 0, text.md5(), content.length(), attributes, rule, rollout),
            content));
  }

  private static Next write(
      GrayContent before, ConfigAttributes attributes, GrayRule rule, Rollout rollout) {
    GrayVersion version = before.version();
    Text same = new Text(before.content(), version.md5());
    return write(version.key(), same, attributes, rule, rollout);
  }

  /** What becomes of one that is there. */
  private CompletionStage<Changed> edit(
      GrayKey key, Expected expected, Function<GrayContent, Next> edit) {
    return change(
        key,
        expected,
        before -> before == null ? new Next.No(new Changed.NoSuchVersion()) : edit.apply(before),
        TRIES);
  }

  /**
   * Shows it to others.
   *
   * @param who who says so and why
   */
  public CompletionStage<Changed> rule(
      GrayKey key, GrayRule rule, ConfigAttributes who, Expected expected) {
    return edit(
        key,
        expected,
        before -> write(before, signed(before, who), rule, before.version().rollout()));
  }

  /**
   * Goes to the next stage; if that is {@link GrayRule#ALL}, it is promoted. One that is held goes
   * on by it.
   */
  public CompletionStage<Changed> step(GrayKey key, ConfigAttributes who, Expected expected) {
    return get(key)
        .thenCompose(
            found -> {
              if (found.isEmpty()) {
                return done(new Changed.NoSuchVersion());
              }
              GrayVersion now = found.get().version();
              int next = now.rollout().after(now.rule().share());
              // What was looked at is what is changed: two who step at once take one step.
              Expected same =
                  expected instanceof Expected.Anything ? new Expected.Version(now.id()) : expected;
              if (next == GrayRule.ALL) {
                return promote(key, who, same, false);
              }
              return edit(key, same, before -> stepped(before, who));
            });
  }

  private static Next stepped(GrayContent before, ConfigAttributes who) {
    Rollout rollout = before.version().rollout();
    int next = rollout.after(before.version().rule().share());
    return next == 0
        ? Next.no("there is no further stage (expected: promote, or another rule)")
        : write(
            before,
            signed(before, who),
            before.version().rule().withShare(next),
            rollout.in(Rollout.State.ACTIVE, ""));
  }

  /** Goes no further by itself. */
  public CompletionStage<Changed> hold(GrayKey key, ConfigAttributes who, Expected expected) {
    return edit(key, expected, before -> in(before, who, Rollout.State.HELD, who.comment()));
  }

  /** Goes on; the stage that it is in begins anew. */
  public CompletionStage<Changed> resume(GrayKey key, ConfigAttributes who, Expected expected) {
    return edit(key, expected, before -> in(before, who, Rollout.State.ACTIVE, ""));
  }

  private static Next in(
      GrayContent before, ConfigAttributes who, Rollout.State state, String reason) {
    GrayVersion version = before.version();
    return write(before, signed(before, who), version.rule(), version.rollout().in(state, reason));
  }

  /** Takes it from those who have it, who see the version for all again. */
  public CompletionStage<Changed> abort(GrayKey key, ConfigAttributes who, Expected expected) {
    return change(
        key,
        expected,
        before -> before == null ? new Next.No(new Changed.AbsentAlready()) : new Next.Delete(who),
        TRIES);
  }

  /**
   * Makes it the version for all, and takes the gray one away.
   *
   * @param over whether also if the config has changed since the gray version was made
   * @return {@link Changed.Done} with the config's new version, or why not
   */
  public CompletionStage<Changed> promote(
      GrayKey key, ConfigAttributes who, Expected expected, boolean over) {
    return configs
        .get(key.config())
        .thenCompose(
            main -> {
              @Nullable Id latest = main.map(ConfigVersion::id).orElse(null);
              return edit(key, expected, before -> marked(before, who, latest, over));
            })
        .thenCompose(marked -> marked instanceof Changed.Done ? finish(key) : done(marked));
  }

  private static Next marked(
      GrayContent before, ConfigAttributes who, @Nullable Id latest, boolean over) {
    GrayVersion version = before.version();
    @Nullable Id base = version.rollout().base();
    if (!over && !Objects.equals(base, latest)) {
      return Next.no(
          "the config is "
              + (latest == null ? "deleted" : latest)
              + " by now (expected: "
              + (base == null ? "none" : base)
              + ", over which the gray version was made; or to say that it goes over that)");
    }
    Rollout rollout = version.rollout();
    return write(
        before,
        signed(before, who),
        version.rule(),
        new Rollout(
            rollout.stages(), rollout.every(), latest, Rollout.State.PROMOTING, "promoted"));
  }

  /**
   * Goes on with a promotion that was marked, by whomever. Harmless to repeat, on any node.
   *
   * @return {@link Changed.Done} with the config's new version, or why not
   */
  CompletionStage<Changed> finish(GrayKey key) {
    return get(key)
        .thenCompose(
            found -> {
              if (found.isEmpty()
                  || found.get().version().rollout().state() != Rollout.State.PROMOTING) {
                return done(new Changed.NoSuchVersion()); // somebody else has
              }
              GrayContent gray = found.get();
              return configs
                  .promote(gray)
                  .thenCompose(outcome -> isOurs(gray.version(), outcome))
                  .thenCompose(outcome -> promoted(gray, outcome));
            });
  }

  /**
   * What came of a promotion: if the config was changed, it may be by this very promotion, by a
   * node that died then and so long ago that the log has forgotten that it took it.
   */
  private CompletionStage<Changed> isOurs(GrayVersion gray, Changed outcome) {
    if (!(outcome instanceof Changed.Conflict)) {
      return done(outcome);
    }
    return hub.latest(gray.key().config().topic())
        .thenApply(
            latest ->
                latest
                    .filter(
                        m -> gray.id().toString().equals(m.headers().get(Configs.PROMOTED_FROM)))
                    .<Changed>map(m -> new Changed.Done(Id.of(hub.epoch(), m), m.timeMillis()))
                    .orElse(outcome));
  }

  private CompletionStage<Changed> promoted(GrayContent gray, Changed outcome) {
    GrayVersion version = gray.version();
    if (outcome instanceof Changed.Unavailable) {
      return done(outcome); // it stays marked, and is tried again
    }
    Next next =
        outcome instanceof Changed.Done
            ? new Next.Delete(version.attributes())
            : write(
                gray,
                version.attributes(),
                version.rule(),
                version.rollout().in(Rollout.State.HELD, reason(outcome)));
    return store(version.key(), next, new Condition.LatestIs(version.id()))
        .thenApply(stored -> stored instanceof Changed.Unavailable ? stored : outcome);
  }

  private static String reason(Changed outcome) {
    if (outcome instanceof Changed.Refused refused) {
      return refused.reason();
    }
    return outcome instanceof Changed.TooLarge
        ? "too large to be the version for all"
        : "the config was changed while this was promoted";
  }

  /** Attributes of the content, by somebody who changes who sees it. */
  private static ConfigAttributes signed(GrayContent before, ConfigAttributes who) {
    return before.version().attributes().by(who.author(), who.address(), who.comment());
  }

  private static CompletionStage<Changed> done(Changed outcome) {
    return CompletableFuture.completedFuture(outcome);
  }

  /** Looks, decides, and writes if it is still what was looked at. */
  private CompletionStage<Changed> change(
      GrayKey key, Expected expected, Decision decision, int tries) {
    return hub.latest(key.topic())
        .thenCompose(
            message -> {
              @Nullable Id latest = message.map(m -> Id.of(hub.epoch(), m)).orElse(null);
              @Nullable GrayContent before =
                  message
                      .flatMap(m -> version(key, m).map(v -> new GrayContent(v, m.payload())))
                      .orElse(null);
              if (!isExpected(expected, before)) {
                return done(new Changed.Conflict(latest));
              }
              Next next =
                  before != null && before.version().rollout().state() == Rollout.State.PROMOTING
                      ? Next.no("it is being promoted (expected: a retry, shortly)")
                      : decision.on(before);
              Condition unchanged =
                  latest == null ? Condition.ABSENT : new Condition.LatestIs(latest);
              return store(key, next, unchanged)
                  .thenCompose(
                      outcome ->
                          // Somebody came between: looked at anew, unless one was expected.
                          outcome instanceof Changed.Conflict && tries > 1
                              ? change(key, expected, decision, tries - 1)
                              : done(outcome));
            });
  }

  /** What becomes of what is there, null if there is nothing. */
  @FunctionalInterface
  private interface Decision {
    Next on(@Nullable GrayContent before);
  }

  private static boolean isExpected(Expected expected, @Nullable GrayContent before) {
    if (expected instanceof Expected.Absent) {
      return before == null;
    }
    if (expected instanceof Expected.Version version) {
      return before != null && before.version().id().equals(version.id());
    }
    if (expected instanceof Expected.Content content) {
      return before != null && before.version().md5().equals(content.md5());
    }
    return true;
  }

  private CompletionStage<Changed> store(GrayKey key, Next next, Condition condition) {
    if (next instanceof Next.No no) {
      return done(no.outcome());
    }
    Append append =
        next instanceof Next.Delete delete
            ? Append.tombstone(key.topic()).withHeaders(delete.attributes().headers())
            : append(((Next.Write) next).draft());
    return hub.publish(append.when(condition))
        .thenApply(
            appended -> {
              if (appended instanceof Appended.Stored stored) {
                learn(key, next, stored);
                return new Changed.Done(stored.id(), stored.timeMillis());
              }
              return Configs.refusal(append.when(condition), appended);
            });
  }

  private static Append append(GrayContent draft) {
    GrayVersion version = draft.version();
    return new Append(
        version.key().topic(),
        Configs.CONTENT_TYPE,
        GrayVersion.headers(version.attributes(), version.md5(), version.rule(), version.rollout()),
        draft.content(),
        false,
        Condition.ANY,
        null);
  }

  /** Before anybody is answered, so that whoever wrote finds it written. */
  private void learn(GrayKey key, Next next, Appended.Stored stored) {
    @Nullable GrayVersion version = null;
    if (next instanceof Next.Write write) {
      GrayVersion draft = write.draft().version();
      version =
          new GrayVersion(
              key,
              stored.id(),
              stored.timeMillis(),
              draft.md5(),
              draft.bytes(),
              draft.attributes(),
              draft.rule(),
              draft.rollout());
    }
    index.grays().learn(key, stored.id().sequence(), version);
  }
}
