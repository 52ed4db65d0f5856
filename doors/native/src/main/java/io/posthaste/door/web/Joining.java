package io.posthaste.door.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Payload;
import io.posthaste.core.Presence;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
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
record Joining(String place, String who, String device) {
  /** One whose stream or WebSocket has ended may come back within this time unnoticed. */
  static final Duration BACK_WITHIN = Duration.ofSeconds(4);

  /** One who polls is there until he has not come again for so long. */
  static final Duration POLLS_WITHIN = Duration.ofSeconds(10);

  /**
   * What a request says; null if it says nothing of this.
   *
   * @throws MalformedException if it says only a part
   */
  static @Nullable Joining of(
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

  /**
   * Joins.
   *
   * @param technique by which he is there
   * @return empty if there are too many
   */
  Optional<Presence.Member> join(Presence presence, Technique technique) {
    return presence.join(place, who, device, about(technique));
  }

  private Payload about(Technique technique) {
    ByteBuf out = Unpooled.buffer(160);
    member(out, "{", "place", place);
    member(out, ",", "as", who);
    member(out, ",", "device", device);
    member(out, ",", "door", technique.name().toLowerCase(Locale.ROOT));
    member(out, ",", "since", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    out.writeByte('}');
    return Payload.copyOf(out.nioBuffer());
  }

  private static void member(ByteBuf out, String before, String name, String value) {
    out.writeCharSequence(before + "\"" + name + "\":", UTF_8);
    JsonText.string(out, value);
  }
}
