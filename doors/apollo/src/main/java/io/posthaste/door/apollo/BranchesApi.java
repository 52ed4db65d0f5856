package io.posthaste.door.apollo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayRule;
import io.posthaste.config.GrayVersion;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The open API's branches. Items of one are edited as those of the cluster that it is called; what
 * is edited stays the branch's until it is merged or deleted, so each release of it is the config's
 * latest release with that over it.
 */
final class BranchesApi {
  private final Configs configs;
  private final Spellings spellings;
  private final Drafts drafts;
  private final BranchReleases shown;
  private final ReleasesApi releases;

  BranchesApi(
      Configs configs,
      Spellings spellings,
      Drafts drafts,
      BranchReleases shown,
      ReleasesApi releases) {
    this.configs = configs;
    this.spellings = spellings;
    this.drafts = drafts;
    this.shown = shown;
    this.releases = releases;
  }

  private ConfigKey key(Call call) {
    return spellings.of(call.key());
  }

  private static void absent(Call call) {
    Answers.error(call.exchange, 404, "there is no such branch (expected: one that was made)");
  }

  /** Whether the path names the branch that is there; answers if not. */
  private Optional<GrayVersion> branch(Call call, ConfigKey key) {
    Optional<GrayVersion> found =
        call.path("branch").equals(Branch.name(call.path("cluster")))
            ? Branch.find(configs, key)
            : Optional.empty();
    if (found.isEmpty()) {
      absent(call);
    }
    return found;
  }

  /** The branch of a namespace; {@code null} if it has none. */
  void find(Call call) {
    ConfigKey key = key(call);
    if (!call.mayRead(key)) {
      return;
    }
    if (Branch.find(configs, key).isEmpty()) {
      Answers.json(call.exchange, NullNode.getInstance());
    } else {
      Answers.later(
          call.exchange,
          Workspace.of(configs, drafts, Branch.of(key), call.namespace()),
          workspace -> Answers.json(call.exchange, json(workspace)));
    }
  }

  private static ObjectNode json(Workspace branch) {
    NamespaceName name = branch.name();
    ObjectNode json =
        Answers.JSON
            .createObjectNode()
            .put("appId", branch.key().group())
            .put("clusterName", branch.key().namespace())
            .put("namespaceName", name.shown())
            .put("comment", "")
            .put("format", name.format())
            .put("isPublic", false);
    ArrayNode items = json.putArray("items");
    branch.edited().all().forEach(item -> items.add(branch.json(item)));
    return json;
  }

  /** Makes one. */
  void create(Call call) {
    ConfigKey key = key(call);
    NamespaceName name = call.namespace();
    String author = call.author(call.asked.text("operator"));
    if (!call.mayPublish(key)) {
      return;
    }
    Answers.later(
        call.exchange,
        configs
            .get(key)
            .thenCompose(
                found ->
                    found.isEmpty()
                        ? CompletableFuture.completedFuture(
                            new Changed.Refused(
                                "the namespace has no release (expected: one, to branch from)"))
                        : shown.show(
                            found.get(),
                            found.get().content(),
                            Branch.NEW,
                            ConfigAttributes.NONE.by(author, call.address, "branch made"),
                            Expected.ABSENT))
            .thenCompose(changed -> cleared(changed, key)), // of one that somebody else ended
        changed -> {
          if (changed instanceof Changed.Done) {
            Answers.json(call.exchange, json(Workspace.empty(Branch.of(key), name)));
          } else if (changed instanceof Changed.Conflict) {
            Answers.error(call.exchange, 400, "there is a branch already (expected: none)");
          } else {
            ReleasesApi.refuse(call, changed);
          }
        });
  }

  /** Takes one away, from those who see it too. */
  void delete(Call call) {
    ConfigKey key = key(call);
    ConfigAttributes who =
        ConfigAttributes.NONE.by(
            call.author(call.asked.text("operator")), call.address, "branch deleted");
    if (call.mayPublish(key) && branch(call, key).isPresent()) {
      Answers.later(call.exchange, delete(key, who), changed -> done(call, changed));
    }
  }

  private CompletionStage<Changed> delete(ConfigKey key, ConfigAttributes who) {
    return configs
        .grays()
        .abort(Branch.gray(key), who, Expected.ANYTHING)
        .thenCompose(changed -> cleared(changed, key));
  }

  /** Once that is done there is nothing other in the branch. */
  private CompletionStage<Changed> cleared(Changed changed, ConfigKey key) {
    return changed instanceof Changed.Done
        ? drafts
            .change(Branch.of(key), draft -> Draft.NONE)
            .thenApply(cleared -> isDone(cleared) ? changed : cleared)
        : CompletableFuture.completedFuture(changed);
  }

  private static boolean isDone(Changed changed) {
    return changed instanceof Changed.Done || changed instanceof Changed.AbsentAlready;
  }

  private static void done(Call call, Changed changed) {
    if (isDone(changed)) {
      Answers.send(call.exchange, Answers.empty(200)); // the client reads no JSON here
    } else {
      ReleasesApi.refuse(call, changed);
    }
  }

  /** Who sees it. */
  void rules(Call call) {
    ConfigKey key = key(call);
    if (call.mayRead(key)) {
      branch(call, key)
          .ifPresent(
              branch -> {
                ObjectNode json =
                    Answers.JSON
                        .createObjectNode()
                        .put("appId", key.group())
                        .put("clusterName", call.path("cluster"))
                        .put("namespaceName", call.namespace().shown())
                        .put("branchName", call.path("branch"));
                BranchRules.write(Branch.matches(branch.rule()), json.putArray("ruleItems"));
                Answers.json(call.exchange, json);
              });
    }
  }

  /** Who sees it from now on. */
  void setRules(Call call) {
    ConfigKey key = key(call);
    GrayRule rule = Branch.rule(BranchRules.parse(call.body().path("ruleItems")));
    String author = call.author(call.asked.text("operator"));
    if (call.mayPublish(key)) {
      branch(call, key)
          .ifPresent(
              branch ->
                  Answers.later(
                      call.exchange,
                      configs
                          .grays()
                          .rule(
                              branch.key(),
                              rule.withShare(branch.rule().share()),
                              ConfigAttributes.NONE.by(author, call.address, "rules changed"),
                              new Expected.Version(branch.id())),
                      changed -> done(call, changed)));
    }
  }

  /** Shows it, as it is now, to those whom its rules name. */
  void release(Call call) {
    release(call, Set.of());
  }

  /** The same without some of what is other in it. */
  void releaseWithout(Call call) {
    Set<String> items = new HashSet<>();
    call.body().path("grayDelKeys").forEach(one -> items.add(one.asText()));
    release(call, items);
  }

  private void release(Call call, Set<String> without) {
    ConfigKey key = key(call);
    NamespaceName name = call.namespace();
    ConfigAttributes who = ReleasesApi.who(call);
    released(
        call,
        key,
        branch ->
            Answers.later(
                call.exchange,
                drafts
                    .change(Branch.of(key), draft -> draft.without(without))
                    .thenCompose(
                        changed ->
                            isDone(changed)
                                ? shown.release(key, name, branch, who)
                                : CompletableFuture.completedFuture(
                                    new BranchReleases.Outcome(changed, Items.of(name, null)))),
                outcome -> answer(call, key, who, outcome)));
  }

  private void released(Call call, ConfigKey key, Consumer<GrayVersion> next) {
    if (call.mayPublish(key)) {
      branch(call, key).ifPresent(next);
    }
  }

  private static void answer(
      Call call, ConfigKey key, ConfigAttributes who, BranchReleases.Outcome outcome) {
    if (outcome.changed() instanceof Changed.Done done) {
      ObjectNode json =
          ReleasesApi.head(call.namespace(), Branch.of(key), done.id(), done.timeMillis(), who);
      if (call.session.mayRead(key.topic())) {
        ReleasesApi.write(outcome.items(), json);
      }
      Answers.json(call.exchange, json);
    } else {
      ReleasesApi.refuse(call, outcome.changed());
    }
  }

  /** Makes what is other in it the config's for all; then it is deleted, unless it is to stay. */
  void merge(Call call) {
    ConfigKey key = key(call);
    ConfigAttributes who = ReleasesApi.who(call);
    boolean stays = call.asked.text("deleteBranch").equals("false");
    released(
        call,
        key,
        branch ->
            releases.release(
                call,
                Branch.of(key),
                who,
                () ->
                    stays
                        ? CompletableFuture.completedFuture("")
                        : delete(key, who)
                            .thenApply(
                                changed ->
                                    isDone(changed)
                                        ? ""
                                        : "its branch is still there (expected: a retry)")));
  }
}
