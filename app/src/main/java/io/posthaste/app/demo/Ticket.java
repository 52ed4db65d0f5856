package io.posthaste.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.posthaste.core.Payload;
import java.util.Locale;

/**
 * A sign-in that is under way, as the log has it. Everybody may read it: of secrets there are only
 * digests.
 *
 * @param desktop the digest of the secret of whoever wants to be signed in
 * @param phone the digest of the secret of whoever scanned it; empty as long as nobody has
 * @param as who was signed in; empty as long as nobody is
 * @param untilMillis when it expires, in milliseconds since 1970
 */
record Ticket(State state, String desktop, String phone, String as, long untilMillis) {
  /**
   * Where a ticket stands. It only moves forward:
   *
   * <pre>
   *   NEW ──▶ SCANNED ──▶ CONFIRMED ──▶ USED
   *    │         ├──────▶ REFUSED
   *    └─────────┴────────────┴───────▶ EXPIRED
   * </pre>
   */
  enum State {
    /** Shown by the desktop. */
    NEW,
    /** A phone has it, and is asked. */
    SCANNED,
    /** The phone said yes; the desktop has not come for it yet. */
    CONFIRMED,
    /** The desktop is signed in. */
    USED,
    /** The phone said no. */
    REFUSED,
    /** Too late. */
    EXPIRED;

    boolean isOver() {
      return this == USED || this == REFUSED || this == EXPIRED;
    }

    boolean mayBecome(State next) {
      return switch (this) {
        case NEW -> next == SCANNED || next == EXPIRED;
        case SCANNED -> next == CONFIRMED || next == REFUSED || next == EXPIRED;
        case CONFIRMED -> next == USED || next == EXPIRED;
        case USED, REFUSED, EXPIRED -> false;
      };
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Ticket of(String desktopSecret, long untilMillis) {
    return new Ticket(State.NEW, Secrets.digest(desktopSecret), "", "", untilMillis);
  }

  Ticket to(State next) {
    return new Ticket(next, desktop, phone, as, untilMillis);
  }

  Ticket scannedBy(String phoneSecret) {
    return new Ticket(State.SCANNED, desktop, Secrets.digest(phoneSecret), as, untilMillis);
  }

  /** Confirmed: the desktop has a while of its own to come for it. */
  Ticket confirmed(String name, long newUntilMillis) {
    return new Ticket(State.CONFIRMED, desktop, phone, name, newUntilMillis);
  }

  boolean isDesktop(String secret) {
    return Secrets.isOf(secret, desktop);
  }

  boolean isPhone(String secret) {
    return !phone.isEmpty() && Secrets.isOf(secret, phone);
  }

  Payload payload(long sentMicros) {
    return Payload.of(
        JsonNodeFactory.instance
            .objectNode()
            .put("state", state.word())
            .put("desktop", desktop)
            .put("phone", phone)
            .put("as", as)
            .put("until", untilMillis)
            .put("sent", sentMicros)
            .toString());
  }

  static Ticket read(Payload payload) {
    JsonNode json = Fields.json(payload.toByteArray());
    return new Ticket(
        State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT)),
        json.path("desktop").asText(),
        json.path("phone").asText(),
        json.path("as").asText(),
        json.path("until").asLong());
  }
}
