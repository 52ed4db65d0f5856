package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigChange;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.core.Hub;
import io.posthaste.core.Id;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The open API's releases: of the draft, looking back, and going back. */
final class ReleasesApi {
  private static final int TRIES = 8;
  private static final String TITLE_END = " — ";
  private static final String ROLLBACK = "rollback to ";

  /** A release's number: the sequence, and below it the partition. */
  private static final int PARTITION_BITS = 8;

  private final Hub hub;
  private final Configs configs;
  private final Spellings spellings;
  private final Drafts drafts;
  private final BranchReleases branches;

  ReleasesApi(
      Hub hub, Configs configs, Spellings spellings, Drafts drafts, BranchReleases branches) {
    this.hub = hub;
    this.configs = configs;
    this.spellings = spellings;
    this.drafts = drafts;
    this.branches = branches;
  }

  private ConfigKey key(Call call) {
    return spellings.of(call.key());
  }

  /** What came of a release or a rollback. */
  private sealed interface Released {
    /** This is the latest now. */
    record Now(ConfigVersion version) implements Released {}

    /** It is not. */
    record Not(Changed why) implements Released {}

    /** It is not, in words. */
    record No(int status, String why) implements Released {}
  }

  /** Releases the draft; a branch that is shown follows. */
  void release(Call call) {
    ConfigKey key = key(call);
    ConfigAttributes who = who(call);
    if (call.mayPublish(key)) {
      release(call, key, who, () -> branches.follow(key, call.namespace(), who));
    }
  }

  /** Who releases something by a call, and what for. */
  static ConfigAttributes who(Call call) {
    String title = plain(call.required("releaseTitle"));
    String comment = plain(call.text("releaseComment"));
    return ConfigAttributes.NONE.by(
        call.author(call.text("releasedBy")),
        call.address,
        comment.isEmpty() ? title : title + TITLE_END + comment);
  }

  /**
   * Releases a draft, and answers.
   *
   * @param key of the config, or of its branch
   * @param then what is to be done after that, before it is answered; what was not, in a few words
   */
  void release(
      Call call, ConfigKey key, ConfigAttributes who, Supplier<CompletionStage<String>> then) {
    NamespaceName name = call.namespace();
    Answers.later(
        call.exchange,
        release(key, name, who, TRIES)
            .thenCompose(
                outcome ->
                    outcome instanceof Released.Now
                        ? then.get().thenApply(left -> left.isEmpty() ? outcome : half(left))
                        : CompletableFuture.completedFuture(outcome)),
        outcome -> answer(call, name, outcome));
  }

  private static Released half(String left) {
    return new Released.No(503, "it is released, but " + left);
  }

  /** In one line, as attributes are. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ").strip();
  }

  private CompletionStage<Released> release(
      ConfigKey edited, NamespaceName name, ConfigAttributes who, int tries) {
    ConfigKey key = Branch.config(edited);
    return Workspace.of(configs, drafts, edited, name)
        .thenCompose(
            workspace -> {
              List<Draft.Clash> clashes = workspace.draft().clashes(workspace.released());
              if (!clashes.isEmpty()) {
                return done(new Released.No(409, clash(clashes, workspace)));
              }
              ConfigVersion latest = workspace.latest();
              Payload content = Payload.of(workspace.text());
              CompletionStage<Changed> publishing =
                  latest != null && latest.content().equals(content)
                      ? CompletableFuture.completedFuture(
                          new Changed.Done(latest.id(), latest.timeMillis()))
                      : configs.publish(
                          key,
                          content,
                          attributes(latest, name).by(who.author(), who.address(), who.comment()),
                          latest == null ? Expected.ABSENT : new Expected.Version(latest.id()));
              return publishing.thenCompose(
                  changed -> {
                    if (changed instanceof Changed.Conflict && tries > 1) {
                      return release(edited, name, who, tries - 1);
                    }
                    if (!(changed instanceof Changed.Done)) {
                      return done(new Released.Not(changed));
                    }
                    return Branch.isOne(edited) // whose draft stays for as long as the branch
                        ? latest(key)
                        : drafts
                            .change(key, draft -> draft.without(workspace.draft().edits()))
                            .thenCompose(cleared -> latest(key));
                  });
            });
  }

  private static ConfigAttributes attributes(@Nullable ConfigVersion latest, NamespaceName name) {
    ConfigAttributes before = latest == null ? ConfigAttributes.NONE : latest.attributes();
    return before.withFormat(name.configFormat());
  }

  private static String clash(List<Draft.Clash> clashes, Workspace workspace) {
    String keys =
        clashes.stream()
            .limit(10)
            .map(
                clash ->
                    MalformedException.quote(clash.edit().key())
                        + (clash.now() == null ? " is gone" : " has another value"))
            .collect(Collectors.joining(", "));
    ConfigVersion latest = workspace.latest();
    return "somebody else has released since: "
        + keys
        + (latest == null ? "" : " in " + latest.id())
        + " (expected: set these again, which makes them follow that)";
  }

  private static CompletionStage<Released> done(Released outcome) {
    return CompletableFuture.completedFuture(outcome);
  }

  private CompletionStage<Released> latest(ConfigKey key) {
    return configs
        .get(key)
        .thenApply(
            found ->
                found
                    .<Released>map(Released.Now::new)
                    .orElseGet(() -> new Released.No(404, "it was deleted at once")));
  }

  private static void answer(Call call, @Nullable NamespaceName name, Released outcome) {
    if (outcome instanceof Released.Now now) {
      NamespaceName shown = name != null ? name : NamespaceName.of(now.version().key().name());
      boolean mayRead = call.session.mayRead(now.version().key().topic());
      Answers.json(call.exchange, json(shown, now.version(), mayRead));
    } else if (outcome instanceof Released.Not not) {
      refuse(call, not.why());
    } else if (outcome instanceof Released.No no) {
      Answers.error(call.exchange, no.status(), no.why());
    }
  }

  /** Says why something was not changed. */
  static void refuse(Call call, @Nullable Changed why) {
    if (why instanceof Changed.TooLarge tooLarge) {
      Answers.error(
          call.exchange,
          413,
          "too large (expected: at most " + tooLarge.maxBytes() + " bytes in all)");
    } else if (why instanceof Changed.Conflict) {
      Answers.error(call.exchange, 409, "others change it all the time (expected: a retry)");
    } else if (why instanceof Changed.Refused refused) {
      Answers.error(call.exchange, 409, refused.reason());
    } else if (why instanceof Changed.Unavailable unavailable) {
      Answers.error(call.exchange, 503, unavailable.reason());
    } else {
      Answers.error(call.exchange, 400, "it cannot be changed to that (expected: a kept version)");
    }
  }

  private static long number(Id id) {
    return id.sequence() << PARTITION_BITS | id.partition();
  }

  private Id id(String text) {
    try {
      long number = Long.parseLong(text);
      if (number > 0) {
        int partition = (int) (number & (1 << PARTITION_BITS) - 1);
        return new Id(hub.epoch(), partition, number >>> PARTITION_BITS);
      }
    } catch (NumberFormatException e) {
      throw notAnId(text);
    }
    throw notAnId(text);
  }

  private static MalformedException notAnId(String text) {
    return new MalformedException(
        "release: " + MalformedException.quote(text) + " (expected: the id of one)");
  }

  private static ObjectNode json(NamespaceName name, ConfigVersion version, boolean isWhole) {
    ConfigKey key = version.key();
    ObjectNode json = head(name, key, version.id(), version.timeMillis(), version.attributes());
    if (isWhole) {
      write(Items.of(name, version.content().utf8()), json);
    }
    return json;
  }

  /** Writes what is released. */
  static void write(Items items, ObjectNode into) {
    ObjectNode configurations = into.putObject("configurations");
    items.all().forEach(item -> configurations.put(item.key(), item.value()));
  }

  /** What is said of a release, beside what is in it. */
  static ObjectNode head(
      NamespaceName name, ConfigKey key, Id id, long timeMillis, ConfigAttributes attributes) {
    String why = attributes.comment();
    int end = why.indexOf(TITLE_END);
    return Answers.JSON
        .createObjectNode()
        .put("id", number(id))
        .put("appId", key.group())
        .put("clusterName", Clusters.cluster(key.namespace()))
        .put("namespaceName", name.shown())
        .put("name", end < 0 ? why : why.substring(0, end))
        .put("comment", end < 0 ? "" : why.substring(end + TITLE_END.length()))
        .put("dataChangeCreatedBy", attributes.author())
        .put("dataChangeLastModifiedBy", attributes.author())
        .put("dataChangeCreatedTime", Dates.of(timeMillis))
        .put("dataChangeLastModifiedTime", Dates.of(timeMillis));
  }

  /** The latest release; {@code null} if there is none. */
  void latest(Call call) {
    ConfigKey key = key(call);
    NamespaceName name = call.namespace();
    if (call.mayRead(key)) {
      Answers.later(
          call.exchange,
          configs.get(key),
          found ->
              Answers.json(
                  call.exchange,
                  found.isPresent() ? json(name, found.get(), true) : NullNode.getInstance()));
    }
  }

  /** The releases that are kept, newest first, without what is in them. */
  void all(Call call) {
    ConfigKey key = key(call);
    NamespaceName name = call.namespace();
    long page = Math.max(0, call.asked.number("page", 0));
    long size = Math.max(1, Math.min(500, call.asked.number("size", 50)));
    if (call.mayRead(key)) {
      Answers.later(
          call.exchange,
          configs.history(key),
          changes -> {
            ArrayNode json = Answers.JSON.createArrayNode();
            changes.stream()
                .filter(change -> change.operation() != ConfigChange.Operation.DELETED)
                .skip(page * size)
                .limit(size)
                .forEach(
                    change ->
                        json.add(
                            head(
                                name, key, change.id(), change.timeMillis(), change.attributes())));
            Answers.json(call.exchange, json);
          });
    }
  }

  /** Goes back, from the latest release to the one before it, or to one that is named. */
  void rollback(Call call) {
    Id from = id(call.path("release"));
    String named = call.asked.text("toReleaseId");
    @Nullable Id to = named.isEmpty() ? null : id(named);
    String author = call.author(call.asked.text("operator"));
    Answers.later(
        call.exchange,
        configs
            .version(from)
            .thenCompose(
                found -> {
                  // Whoever may not read it is not told of what it would be.
                  if (found.isEmpty()
                      || found.get().deleted()
                      || !call.session.mayRead(found.get().key().topic())) {
                    return done(new Released.No(404, "there is no such release"));
                  }
                  ConfigKey key = found.get().key();
                  if (!call.session.mayPublish(key.topic())) {
                    return done(
                        new Released.No(403, "publish on \"" + key.topic() + "\" is not granted"));
                  }
                  return configs
                      .history(key)
                      .thenCompose(
                          changes -> rollback(key, changes, from, to, author, call.address));
                }),
        outcome -> answer(call, null, outcome));
  }

  private CompletionStage<Released> rollback(
      ConfigKey key,
      List<ConfigChange> changes,
      Id from,
      @Nullable Id named,
      String author,
      String address) {
    if (changes.isEmpty() || !changes.get(0).id().equals(from)) {
      return done(
          new Released.No(
              400,
              "release: not the latest (expected: "
                  + (changes.isEmpty() ? "one" : number(changes.get(0).id()))
                  + ")"));
    }
    Optional<Id> to = named != null ? Optional.of(named) : before(changes);
    if (to.isEmpty()) {
      return done(new Released.No(400, "there is no release before (expected: two at least)"));
    }
    return configs
        .rollback(key, to.get(), author, address, new Expected.Version(from))
        .thenCompose(
            changed ->
                changed instanceof Changed.Done ? latest(key) : done(new Released.Not(changed)));
  }

  /**
   * The release before the latest. One that was gone back to stands for the one that it repeats, so
   * that to go back twice goes two releases back.
   */
  private static Optional<Id> before(List<ConfigChange> changes) {
    int at = 0;
    boolean isRepeated = true;
    while (isRepeated) {
      isRepeated = false;
      String why = changes.get(at).attributes().comment();
      for (int i = at + 1; why.startsWith(ROLLBACK) && i < changes.size(); i++) {
        if (why.equals(ROLLBACK + changes.get(i).id())) {
          at = i;
          isRepeated = true;
          break;
        }
      }
    }
    return changes.subList(at + 1, changes.size()).stream()
        .filter(change -> change.operation() != ConfigChange.Operation.DELETED)
        .map(ConfigChange::id)
        .findFirst();
  }
}
