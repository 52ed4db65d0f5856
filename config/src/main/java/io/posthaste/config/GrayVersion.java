package io.posthaste.config;

import static java.util.Objects.requireNonNull;

import io.posthaste.core.Id;
import io.posthaste.core.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A version of a config that some instances see: what is known of it without its content.
 *
 * @param key which
 * @param id the message that it is; another with every change of content, rule or stage
 * @param timeMillis when that was written, in milliseconds since 1970
 * @param md5 of the content
 * @param bytes the content's length
 * @param attributes what is said of it, and who changed it last
 * @param rule who sees it
 * @param rollout how it goes on
 */
public record GrayVersion(
    GrayKey key,
    Id id,
    long timeMillis,
    Md5 md5,
    int bytes,
    ConfigAttributes attributes,
    GrayRule rule,
    Rollout rollout) {
  private static final String RULE = "gray-rule";
  private static final String STAGES = "gray-stages";
  private static final String EVERY = "gray-every-seconds";
  private static final String BASE = "gray-base";
  private static final String STATE = "gray-state";
  private static final String REASON = "gray-reason";

  public GrayVersion {
    requireNonNull(key, "key");
    requireNonNull(id, "id");
    requireNonNull(md5, "md5");
    requireNonNull(attributes, "attributes");
    requireNonNull(rule, "rule");
    requireNonNull(rollout, "rollout");
  }

  /** What a message says; empty if it is a tombstone, or its rule cannot be read. */
  static Optional<GrayVersion> of(GrayKey key, String epoch, Message message) {
    // Not the header: another publisher may have written that.
    return of(key, epoch, message, Md5.of(message.payload()));
  }

  /** The same where the content's MD5 is known. */
  static Optional<GrayVersion> of(GrayKey key, String epoch, Message message, Md5 md5) {
    if (message.deleted()) {
      return Optional.empty();
    }
    Map<String, String> headers = message.headers();
    try {
      return Optional.of(
          new GrayVersion(
              key,
              Id.of(epoch, message),
              message.timeMillis(),
              md5,
              message.payload().length(),
              ConfigAttributes.of(headers),
              GrayRule.parse(headers.getOrDefault(RULE, "")),
              rollout(headers)));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // whoever wrote that; it is shown to nobody
    }
  }

  private static Rollout rollout(Map<String, String> headers) {
    List<Integer> stages = new ArrayList<>();
    String text = headers.getOrDefault(STAGES, "");
    if (!text.isEmpty()) {
      for (String stage : text.split(",", -1)) {
        stages.add(Integer.parseInt(stage));
      }
    }
    String base = headers.get(BASE);
    return new Rollout(
        stages,
        Duration.ofSeconds(Long.parseLong(headers.getOrDefault(EVERY, "0"))),
        base == null ? null : Id.parse(base),
        Rollout.State.valueOf(headers.getOrDefault(STATE, Rollout.State.ACTIVE.name())),
        headers.getOrDefault(REASON, ""));
  }

  /** What a message says beside the content. */
  static Map<String, String> headers(
      ConfigAttributes attributes, Md5 md5, GrayRule rule, Rollout rollout) {
    Map<String, String> headers = new LinkedHashMap<>(attributes.headers());
    headers.put("md5", md5.toString());
    headers.put(RULE, rule.toString());
    if (!rollout.stages().isEmpty()) {
      headers.put(
          STAGES, String.join(",", rollout.stages().stream().map(String::valueOf).toList()));
      headers.put(EVERY, String.valueOf(rollout.every().toSeconds()));
    }
    @Nullable Id base = rollout.base();
    if (base != null) {
      headers.put(BASE, base.toString());
    }
    if (rollout.state() != Rollout.State.ACTIVE) {
      headers.put(STATE, rollout.state().name());
      headers.put(REASON, rollout.reason());
    }
    return headers;
  }

  /** Whether an instance sees it, if no other of a higher priority takes that. */
  public boolean takes(Instance instance) {
    return rule.takes(key.config(), instance);
  }

  /**
   * When its next stage begins by itself, in milliseconds since 1970; empty if it waits for
   * somebody.
   */
  public OptionalLong nextStageMillis() {
    return rollout.isByTimer()
            && rollout.state() == Rollout.State.ACTIVE
            && rollout.after(rule.share()) > 0
        ? OptionalLong.of(timeMillis + rollout.every().toMillis())
        : OptionalLong.empty();
  }
}
