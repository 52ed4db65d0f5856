package io.posthaste.door.nacos;

import io.posthaste.access.Access;
import io.posthaste.access.Credential;
import io.posthaste.access.Proved;
import io.posthaste.access.Session;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.core.TopicPattern;
import io.posthaste.server.ClientCertificate;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.Handler;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who asks. Clients log in once and show the token that they got in a parameter from then on. The
 * token that we give is the key by which they logged in: so every node knows it, also after a
 * restart, and no node keeps anything of it.
 */
final class Sessions {
  private static final long TOKEN_SECONDS = 18_000;

  private final Guard guard;

  Sessions(Guard guard) {
    this.guard = guard;
  }

  /** A handler for whoever proves himself by {@code accessToken}, or by a header. */
  Handler guard(Guard.Guarded handler) {
    Handler byHeader = guard.guard(handler);
    return exchange -> {
      Access access = guard.access();
      if (access == null
          || !access.isSetUp()
          || exchange.request().header("authorization") != null) {
        byHeader.handle(exchange);
        return;
      }
      Parameters given = Parameters.beside(exchange.request());
      Credential shown;
      try {
        shown =
            shown(
                given.text("accessToken"),
                exchange.request()::header,
                given.either("tenant", "namespaceId"),
                given.either("group", "groupName"));
      } catch (MalformedException e) {
        Answers.text(exchange, 403, e.getMessage() + "\n");
        return;
      }
      if (shown == null) {
        byHeader.handle(exchange);
      } else {
        prove(exchange, access, shown, session -> handler.handle(exchange, session));
      }
    };
  }

  /** What a request shows, a token or a signature; null if nothing. */
  private static @Nullable Credential shown(
      String token, Function<String, @Nullable String> header, String tenant, String group) {
    return token.isEmpty()
        ? SignedRequest.credential(header, tenant, group)
        : Credential.ofToken(token);
  }

  /** Nobody in particular. */
  Session nobody() {
    Access access = guard.access();
    return access == null ? Session.UNCHECKED : access.anybody();
  }

  /** Who makes a call over gRPC. */
  CompletableFuture<Proved> prove(Exchange exchange, GrpcMessage request) {
    Access access = guard.access();
    if (access == null) {
      return done(new Proved.Admitted(Session.UNCHECKED));
    }
    Optional<String> obstacle = access.obstacle();
    if (obstacle.isPresent()) {
      return done(new Proved.Unavailable(obstacle.get()));
    }
    if (!access.isSetUp()) {
      return done(new Proved.Admitted(access.anybody()));
    }
    Credential shown;
    try {
      shown =
          shown(
              request.header("accessToken"),
              request::header,
              GrpcMessage.text(request.json(), "tenant"),
              GrpcMessage.text(request.json(), "group"));
    } catch (MalformedException e) {
      return done(new Proved.Refused(String.valueOf(e.getMessage())));
    }
    if (shown != null) {
      return access.prove(shown, exchange.knownClient()).toCompletableFuture();
    }
    ClientCertificate certificate = exchange.clientCertificate();
    return done(
        certificate == null
            ? new Proved.Admitted(access.anybody())
            : access.proved(certificate.commonName()));
  }

  private static CompletableFuture<Proved> done(Proved proved) {
    return CompletableFuture.completedFuture(proved);
  }

  /** {@code POST /v1/auth/users/login}: whose password is a key of his is given that as a token. */
  void login(Exchange exchange) {
    Parameters given = Parameters.of(exchange.request());
    String user = given.text("username", 128);
    String password = given.text("password", Credential.MAX_CHARS);
    Access access = guard.access();
    if (access == null || !access.isSetUp()) {
      welcome(exchange, user, "anybody"); // which says nothing, and is never looked at
      return;
    }
    Credential shown;
    try {
      shown = Credential.ofToken(password);
    } catch (MalformedException e) {
      Answers.text(
          exchange, 403, "neither a key nor a token (expected: a user's key as his password)\n");
      return;
    }
    prove(
        exchange,
        access,
        shown,
        session -> {
          if (session.identity().id().equals(user)) {
            welcome(exchange, user, password);
          } else {
            Answers.text(exchange, 403, "username: not the owner of the key\n");
          }
        });
  }

  private static void prove(
      Exchange exchange, Access access, Credential shown, Consumer<Session> admitted) {
    CompletableFuture<Proved> proving =
        access.prove(shown, exchange.knownClient()).toCompletableFuture();
    if (proving.isDone()) {
      finish(exchange, proving.join(), admitted);
    } else {
      proving.whenComplete(
          (proved, failure) -> exchange.resume(() -> finish(exchange, proving.join(), admitted)));
    }
  }

  private static void finish(Exchange exchange, Proved proved, Consumer<Session> admitted) {
    if (proved instanceof Proved.Admitted known) {
      Guard.admit(exchange, known.session(), (asked, session) -> admitted.accept(session));
    } else if (proved instanceof Proved.Refused refused) {
      Answers.text(exchange, 403, refused.reason() + "\n");
    } else if (proved instanceof Proved.Busy || proved instanceof Proved.Delayed) {
      Answers.problem(exchange, Guard.problem(proved));
    } else {
      Answers.unavailable(exchange, "who you are cannot be known now (expected: a retry)");
    }
  }

  private static void welcome(Exchange exchange, String user, String token) {
    Answers.json(
        exchange,
        Answers.JSON
            .createObjectNode()
            .put("accessToken", token)
            .put("tokenTtl", TOKEN_SECONDS)
            .put("globalAdmin", false)
            .put("username", user));
  }

  /** Refuses to let somebody read or publish what he may not. */
  static void forbid(Exchange exchange, Session session, String what, Topic topic) {
    forbid(exchange, session, what, TopicPattern.of(topic));
  }

  /** The same of all topics of a pattern. */
  static void forbid(Exchange exchange, Session session, String what, TopicPattern topics) {
    if (session.isSuspended()) {
      Answers.unavailable(exchange, "who may what cannot be known now (expected: a retry)");
    } else {
      Answers.text(
          exchange,
          403,
          what + " \"" + topics + "\" is not granted to " + session.identity().id() + "\n");
    }
  }
}
