package io.posthaste.door.nacos;

import io.posthaste.access.Access;
import io.posthaste.access.Credential;
import io.posthaste.access.Proved;
import io.posthaste.access.Session;
import io.posthaste.core.MalformedException;
import io.posthaste.core.Topic;
import io.posthaste.server.Exchange;
import io.posthaste.server.Guard;
import io.posthaste.server.Handler;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

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
      String token = Parameters.of(exchange.request()).text("accessToken");
      if (token.isEmpty()) {
        byHeader.handle(exchange);
      } else {
        prove(exchange, access, token, session -> handler.handle(exchange, session));
      }
    };
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
    prove(
        exchange,
        access,
        password,
        session -> {
          if (session.identity().id().equals(user)) {
            welcome(exchange, user, password);
          } else {
            Answers.text(exchange, 403, "username: not the owner of the key\n");
          }
        });
  }

  private static void prove(
      Exchange exchange, Access access, String token, Consumer<Session> admitted) {
    Credential credential;
    try {
      credential = Credential.ofToken(token);
    } catch (MalformedException e) {
      Answers.text(
          exchange, 403, "neither a key nor a token (expected: a user's key as his password)\n");
      return;
    }
    CompletableFuture<Proved> proving =
        access.prove(credential, exchange.client()).toCompletableFuture();
    if (proving.isDone()) {
      finish(exchange, proving.join(), admitted);
    } else {
      proving.whenComplete(
          (proved, failure) -> exchange.resume(() -> finish(exchange, proving.join(), admitted)));
    }
  }

  private static void finish(Exchange exchange, Proved proved, Consumer<Session> admitted) {
    if (proved instanceof Proved.Admitted known) {
      admitted.accept(known.session());
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
    if (session.isSuspended()) {
      Answers.unavailable(exchange, "who may what cannot be known now (expected: a retry)");
    } else {
      Answers.text(
          exchange,
          403,
          what + " \"" + topic + "\" is not granted to " + session.identity().id() + "\n");
    }
  }
}
