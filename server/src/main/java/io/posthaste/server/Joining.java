package io.posthaste.server;

import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.core.Presence;
import io.posthaste.core.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says where the one who reads is present for as long as he does.
 *
 * @param place where
 * @param who who it is
 * @param device which of several that may be
 */
public record Joining(String place, String who, String device) {
  /** One whose stream or connection has ended may come back within this time unnoticed. */
  public static final Duration BACK_WITHIN = Duration.ofSeconds(4);

  /** One who polls is there until he has not come again for so long. */
  public static final Duration POLLS_WITHIN = Duration.ofSeconds(10);

  /**
   * What a request says; null if it says nothing of this. Who names no device has one of his own.
   *
   * @throws MalformedException if it says only a part
   */
  public static @Nullable Joining of(
      @Nullable String place, @Nullable String who, @Nullable String device) {
    if (place == null && who == null && device == null) {
      return null;
    }
    if (place == null || who == null) {
      throw new MalformedException(
          "presence: "
              + (place == null ? "no place" : "nobody")
              + " (expected: presence=PLACE and as=NAME, and device=NAME if there are several)");
    }
    String name = device == null ? UUID.randomUUID().toString().substring(0, 8) : device;
    return new Joining(place, who, name);
  }

  /** The topic that tells of it. */
  public Topic topic() {
    return Presence.topicOf(place, who, device);
  }

  /**
   * Joins.
   *
   * @param door by which he is there
   * @return empty if there are too many
   * @throws MalformedException if a name is not one
   */
  public Optional<Presence.Member> join(Presence presence, String door) {
    return presence.join(place, who, device, about(door));
  }

  private Payload about(String door) {
    StringBuilder json = new StringBuilder(160);
    JsonString.append(json.append("{\"place\":"), place);
    JsonString.append(json.append(",\"as\":"), who);
    JsonString.append(json.append(",\"device\":"), device);
    JsonString.append(json.append(",\"door\":"), door);
    String since = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    JsonString.append(json.append(",\"since\":"), since);
    return Payload.of(json.append('}').toString());
  }
}
