package io.posthaste.door.apollo;

import io.posthaste.config.Changed;
import io.posthaste.config.ConfigAttributes;
import io.posthaste.config.ConfigKey;
import io.posthaste.config.ConfigVersion;
import io.posthaste.config.Configs;
import io.posthaste.config.Expected;
import io.posthaste.config.GrayRule;
import io.posthaste.config.GrayVersion;
import io.posthaste.core.Payload;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Shows branches: what is released of a namespace, with what is other in its branch over it. */
final class BranchReleases {
  private final Configs configs;
  private final Drafts drafts;

  BranchReleases(Configs configs, Drafts drafts) {
    this.configs = configs;
    this.drafts = drafts;
  }

  /**
   * What came of a release of a branch.
   *
   * @param changed whether it is shown
   * @param items what it would be
   */
  record Outcome(Changed changed, Items items) {}

  /**
   * Shows a branch, as it is now, to those whom its rules name.
   *
   * @param who who releases it and why
   */
  CompletionStage<Outcome> release(
      ConfigKey config, NamespaceName name, GrayVersion branch, ConfigAttributes who) {
    return Workspace.of(configs, drafts, Branch.of(config), name)
        .thenCompose(
            workspace -> {
              String text = workspace.text();
              ConfigVersion main = workspace.latest();
              CompletionStage<Changed> showing =
                  main == null
                      ? CompletableFuture.completedFuture(
                          new Changed.Refused("the namespace was deleted (expected: a release)"))
                      : show(
                          main,
                          Payload.of(text),
                          branch.rule().withShare(GrayRule.ALL),
                          who,
                          new Expected.Version(branch.id()));
              return showing.thenApply(changed -> new Outcome(changed, Items.of(name, text)));
            });
  }

  /** Makes a branch, or gives one another content. */
  CompletionStage<Changed> show(
      ConfigVersion main, Payload content, GrayRule rule, ConfigAttributes who, Expected expected) {
    return configs
        .grays()
        .start(
            Branch.gray(main.key()),
            content,
            main.attributes().by(who.author(), who.address(), who.comment()),
            rule,
            List.of(),
            Duration.ZERO,
            expected);
  }

  /**
   * Has a branch that is shown follow what was released for all, as Apollo's do.
   *
   * @return what stands against it, in a few words; empty if nothing does
   */
  CompletionStage<String> follow(ConfigKey config, NamespaceName name, ConfigAttributes who) {
    Optional<GrayVersion> shown =
        Branch.find(configs, config).filter(branch -> branch.rule().share() > 0);
    return shown.isEmpty()
        ? CompletableFuture.completedFuture("")
        : release(config, name, shown.get(), who)
            .thenApply(
                outcome ->
                    outcome.changed() instanceof Changed.Done
                        ? ""
                        : "its branch is not (expected: the branch to be released too)");
  }
}
