package io.posthaste.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.posthaste.access.Access;
import io.posthaste.access.Credential;
import io.posthaste.access.Proved;
import io.posthaste.access.Session;
import io.posthaste.core.MalformedException;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Has whoever asks over HTTP prove who he is before a handler hears of it: by the header {@code
 * Authorization}, or by a ticket in the query where that is taken. Whoever shows nothing is let
 * through as nobody in particular; whoever shows what does not hold is not. Thread-safe.
 */
public final class Guard {
  /** Lets everybody do everything: for a server without control of access. */
  public static final Guard NONE = new Guard(null, null);

  private static final String TICKET = "ticket";
  private static final String HOW =
      " (expected: Authorization: Bearer and a key or token, or Basic and an id and password)";

  private final @Nullable Access access;

  private final @Nullable String operatorsHeader;

  private Guard(@Nullable Access access, @Nullable String operatorsSecret) {
    this.access = access;
    this.operatorsHeader = operatorsSecret == null ? null : "Bearer " + operatorsSecret;
  }

  /**
   * One who asks that.
   *
   * @param operatorsSecret what stands in the server's own files: whoever shows it as a bearer's
   *     token may do everything
   */
  public static Guard of(Access access, String operatorsSecret) {
    return new Guard(
        requireNonNull(access, "access"), requireNonNull(operatorsSecret, "operatorsSecret"));
  }

  /** Answers a request of somebody who has proved who he is, or of nobody in particular. */
  @FunctionalInterface
  public interface Guarded {
    /** As {@link Handler#handle}. */
    void handle(Exchange exchange, Session session);
  }

  /** Who knows who may what; null if nobody does. */
  public @Nullable Access access() {
    return access;
  }

  /** A handler for whoever proves himself by a header. */
  public Handler guard(Guarded handler) {
    return exchange -> prove(exchange, null, handler);
  }

  /** A handler for whoever proves himself by a header, or by {@code ticket=} in the query. */
  public Handler guardOrTicket(Guarded handler) {
    return exchange -> prove(exchange, ticket(exchange.request()), handler);
  }

  private static @Nullable String ticket(Request request) {
    List<String> tickets = request.query().get(TICKET);
    return tickets == null ? null : tickets.get(0);
  }

  private void prove(Exchange exchange, @Nullable String ticket, Guarded handler) {
    Access asked = access;
    if (asked == null) {
      handler.handle(exchange, Session.UNCHECKED);
      return;
    }
    Optional<String> obstacle = asked.obstacle();
    if (obstacle.isPresent()) {
      unavailable(obstacle.get()).answer(exchange);
      return;
    }
    String header = exchange.request().header("Authorization");
    if (header != null && isOperators(header)) {
      handler.handle(exchange, asked.operator());
      return;
    }
    if (!asked.isSetUp()) {
      handler.handle(exchange, asked.anybody());
      return;
    }
    if (header == null && ticket == null) {
      ClientCertificate certificate = exchange.clientCertificate();
      if (certificate == null) {
        handler.handle(exchange, asked.anybody());
      } else {
        finish(exchange, asked.proved(certificate.commonName()), handler);
      }
      return;
    }
    Credential shown;
    try {
      shown =
          ticket != null
              ? new Credential.Ticket(ticket)
              : Credential.ofHeader(requireNonNull(header));
    } catch (MalformedException e) {
      unauthenticated(String.valueOf(e.getMessage())).answer(exchange);
      return;
    }
    CompletableFuture<Proved> proving =
        asked.prove(shown, exchange.knownClient()).toCompletableFuture();
    if (proving.isDone()) {
      finish(exchange, proving.join(), handler);
    } else {
      proving.whenComplete(
          (proved, failure) -> exchange.resume(() -> finish(exchange, proving.join(), handler)));
    }
  }

  private boolean isOperators(String header) {
    String expected = operatorsHeader;
    return expected != null
        && MessageDigest.isEqual(header.getBytes(UTF_8), expected.getBytes(UTF_8));
  }

  private static void finish(Exchange exchange, Proved proved, Guarded handler) {
    if (proved instanceof Proved.Admitted admitted) {
      admit(exchange, admitted.session(), handler);
    } else {
      problem(proved).answer(exchange);
    }
  }

  /**
   * Has a request handled of somebody who has proved who he is, unless he has as many connections
   * as he may: for doors where that is proved in another way than this one's.
   */
  public static void admit(Exchange exchange, Session session, Guarded handler) {
    if (exchange.countFor(session)) {
      handler.handle(exchange, session);
    } else {
      tooManyConnections(session).answer(exchange);
    }
  }

  /** What to answer to somebody who has as many connections as he may. */
  public static Problem tooManyConnections(Session session) {
    return Problem.of(
            429,
            "rateLimited",
            "connections: "
                + session.identity()
                + " has as many as one may here (expected: to use those, or to close some)")
        .with("Retry-After", "5");
  }

  /** What to answer to what did not hold: anything but {@link Proved.Admitted}. */
  public static Problem problem(Proved proved) {
    if (proved instanceof Proved.Busy) {
      return Problem.of(
              429, "rateLimited", "too many passwords are being checked (expected: a retry later)")
          .with("Retry-After", "1");
    }
    if (proved instanceof Proved.Delayed delayed) {
      long seconds = (delayed.waitMillis() + 999) / 1_000;
      return Problem.of(
              429,
              "rateLimited",
              "too many wrong passwords for this user, or from this address (expected: a retry in "
                  + seconds
                  + " s, or a key)")
          .with("Retry-After", Long.toString(seconds));
    }
    if (proved instanceof Proved.Unavailable unavailable) {
      return unavailable(unavailable.reason());
    }
    return unauthenticated(
        proved instanceof Proved.Refused refused ? refused.reason() : "not proved");
  }

  /**
   * What to answer where something is not granted: whether what it is about exists is not told, and
   * need not be looked at.
   *
   * @param what the right and what it would be for, as in {@code read on "a/#"}
   */
  public static Problem forbidden(Session session, String what) {
    if (session.isSuspended()) {
      return unavailable("this server cannot know who may what (expected: a retry elsewhere)");
    }
    if (session.isOver()) {
      return unauthenticated("what proved who you are has ended (expected: other credentials)");
    }
    if (!session.isProved()) {
      return unauthenticated(what + " is not granted to anybody");
    }
    return Problem.of(
        403,
        "forbidden",
        what
            + " is not granted to "
            + session.identity()
            + " (expected: a grant whose pattern covers it)");
  }

  private static Problem unavailable(String reason) {
    return Problem.of(503, "unavailable", reason).with("Retry-After", "1");
  }

  /**
   * Asks for credentials, or for other ones. {@code Basic} is taken but not asked for: a browser
   * would ask its user for a password and then add it to whatever any page has it send here.
   */
  public static Problem unauthenticated(String detail) {
    return Problem.of(401, "unauthenticated", detail.contains("(expected:") ? detail : detail + HOW)
        .with("WWW-Authenticate", "Bearer realm=\"posthaste\"");
  }
}
